"""In the manner of examples that save checkpoints, forecast with LBFGS and start seq2seq models."""

import argparse
import os

import numpy as np
import torch
import torch.backends.cudnn as cudnn
import torch.nn as nn
import torch.optim as optim
from torch.distributions.multinomial import Multinomial
from torch.nn.modules.loss import _Loss

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=2)
parser.add_argument("--resume", default="checkpoint.pth.tar")
args = parser.parse_args([])
cudnn.benchmark = True

# --- sine waves by LBFGS -----------------------------------------------------------------------


class Sequence(nn.Module):
    def __init__(self):
        super(Sequence, self).__init__()  # noqa: UP008
        self.lstm1 = nn.LSTMCell(1, 5)
        self.lstm2 = nn.LSTMCell(5, 5)
        self.linear = nn.Linear(5, 1)
        self.dummy_param = nn.Parameter(torch.empty(0))

    def forward(self, input, future=0):
        outputs = []
        device = self.dummy_param.device
        h_t = torch.zeros(input.size(0), 5, dtype=torch.double).to(device)
        c_t = torch.zeros(input.size(0), 5, dtype=torch.double).to(device)
        h_t2 = torch.zeros(input.size(0), 5, dtype=torch.double).to(device)
        c_t2 = torch.zeros(input.size(0), 5, dtype=torch.double).to(device)
        for input_t in input.split(1, dim=1):
            h_t, c_t = self.lstm1(input_t, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        for _ in range(future):
            h_t, c_t = self.lstm1(output, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        return torch.cat(outputs, dim=1)


torch.save(np.sin(np.arange(40).reshape(4, 10) / 3.0), open("traindata.pt", "wb"))  # noqa: SIM115
data = torch.from_numpy(torch.load("traindata.pt", weights_only=False))
seq = same(Sequence().double())
criterion = nn.MSELoss()
for search in (None, "strong_wolfe"):
    optimizer = optim.LBFGS(seq.parameters(), lr=0.4, max_iter=4, line_search_fn=search)
    for _ in range(args.steps):

        def closure():
            optimizer.zero_grad()
            loss = criterion(seq(data[1:, :-1]), data[1:, 1:])
            loss.backward()
            return loss

        results.append(optimizer.step(closure).item())
with torch.no_grad():
    results.append(seq(data[:1, :-1], future=3))

# --- training that is interrupted --------------------------------------------------------------


class Smooth(_Loss):
    def forward(self, input, target):
        return nn.functional.smooth_l1_loss(input, target, reduction=self.reduction)


def start():
    model = same(nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 1)))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return model, optimizer, optim.lr_scheduler.StepLR(optimizer, 2)


x, y = same(torch.zeros(8, 4)), same(torch.zeros(8, 1))
model, optimizer, scheduler = start()
for epoch in range(6):
    if epoch == 3:  # a new process would begin here
        model, optimizer, scheduler = start()
        checkpoint = torch.load(args.resume, weights_only=True)
        results += [checkpoint["epoch"], checkpoint["arch"], sorted(checkpoint)]
        results.append(list(checkpoint["state_dict"]))
        results.append(str(model.load_state_dict(checkpoint["state_dict"])))
        optimizer.load_state_dict(checkpoint["optimizer"])
        scheduler.load_state_dict(checkpoint["scheduler"])
    optimizer.zero_grad()
    loss = Smooth(reduction="sum")(model(x), y)
    loss.backward()
    optimizer.step()
    scheduler.step()
    results += [loss.item(), scheduler.get_last_lr()]
    state = {
        "epoch": epoch + 1,
        "arch": {"layers": [4, 6, 1], "name": "net", "dropout": None},
        "state_dict": model.state_dict(),
        "best_acc1": loss.detach(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
    }
    torch.save(state, args.resume)
results.append(os.path.exists(args.resume))

# --- a start for recurrent weights -------------------------------------------------------------


def init_seq2seq(module):
    if type(module) is nn.Linear:
        nn.init.xavier_uniform_(module.weight)
    if type(module) is nn.GRU:
        for param in module._flat_weights_names:
            if "weight" in param:
                nn.init.constant_(module._parameters[param], 0.1)


net = same(nn.GRU(3, 4, 2))
net.apply(init_seq2seq)
results += list(net(same(torch.zeros(5, 2, 3))))
counts = Multinomial(100, torch.tensor([0.5, 0.5])).sample()
results += [counts.sum().item(), list(counts.shape), Multinomial(3, torch.ones(2)).mean]
