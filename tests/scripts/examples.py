"""In the manner of example collections: regression, digits, a VAE, REINFORCE, nn.Transformer, a trainer."""

import argparse
from itertools import count

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset, random_split

# --- regression of a polynomial ----------------------------------------------------------------

POLY_DEGREE = 4
W_target = torch.sin(torch.arange(4).float()).view(POLY_DEGREE, 1) * 5
b_target = torch.ones(1) * 5


def make_features(x):
    x = x.unsqueeze(1)
    return torch.cat([x**i for i in range(1, POLY_DEGREE + 1)], 1)


def f(x):
    return x.mm(W_target) + b_target.item()


fc = same(torch.nn.Linear(W_target.size(0), 1))
for batch_idx in count(1):
    batch_x = make_features(torch.cos(torch.arange(32).float() + batch_idx))
    batch_y = f(batch_x)
    fc.zero_grad()
    output = F.smooth_l1_loss(fc(batch_x), batch_y)
    loss = output.item()
    output.backward()
    for param in fc.parameters():
        param.data.add_(-0.1 * param.grad)
    if loss < 1e-3 or batch_idx >= 20:
        break
results += [loss, batch_idx, fc.weight.view(-1)]

x_train = np.array([[3.3], [4.4], [5.5], [6.71], [6.93]], dtype=np.float32)
y_train = np.array([[1.7], [2.76], [2.09], [3.19], [1.694]], dtype=np.float32)
model = same(nn.Linear(1, 1))
criterion, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.001)
for epoch in range(10):
    inputs, targets = torch.from_numpy(x_train), torch.from_numpy(y_train)
    outputs = model(inputs)
    loss = criterion(outputs, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if (epoch + 1) % 5 == 0:
        results.append("Epoch [{}/{}], Loss: {:.4f}".format(epoch + 1, 10, loss.item()))  # noqa: UP032
results.append(model(torch.from_numpy(x_train)).detach().numpy())

# --- digits ------------------------------------------------------------------------------------


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, 1)
        self.conv2 = nn.Conv2d(4, 6, 3, 1)
        self.bn = nn.BatchNorm2d(6)
        self.dropout1, self.dropout2 = nn.Dropout(0.0), nn.Dropout2d(0.0)
        self.fc1 = nn.Linear(6 * 4 * 4, 12)
        self.fc2 = nn.Linear(12, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.bn(F.relu(self.conv2(x)))
        x = F.max_pool2d(x, 2)
        x = self.dropout1(x)
        x = torch.flatten(x, 1)
        x = self.dropout2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


def train(args, model, device, train_loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(train_loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()
        if batch_idx % args.log_interval == 0:
            done, total = batch_idx * len(data), len(train_loader.dataset)
            percent = 100.0 * batch_idx / len(train_loader)
            results.append(
                f"Train Epoch: {epoch} [{done}/{total} ({percent:.0f}%)]\tLoss: {loss.item():.4f}"
            )


def test(model, device, test_loader):
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for data, target in test_loader:
            data, target = data.to(device), target.to(device)
            output = model(data)
            test_loss += F.nll_loss(output, target, reduction="sum").item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
    results.append([test_loss / len(test_loader.dataset), correct])


parser = argparse.ArgumentParser()
parser.add_argument("--log-interval", type=int, default=1)
parser.add_argument("--no-cuda", action="store_true", default=False)
args = parser.parse_args([])
use_cuda = not args.no_cuda and torch.cuda.is_available()
torch.manual_seed(1)
device = torch.device("cuda" if use_cuda else "cpu")
images = torch.sin(torch.arange(24 * 144).float() * 0.13).view(24, 1, 12, 12)
labels = torch.arange(24) * 3 % 10
dataset = TensorDataset(images, labels)
parts = random_split(dataset, [18, 6])
assert [len(p) for p in parts] == [18, 6]
loader = DataLoader(
    dataset, batch_size=12, **({"num_workers": 1, "shuffle": True} if use_cuda else {})
)
model = same(Net().to(device))
optimizer = optim.Adadelta(model.parameters(), lr=1.0)
scheduler = StepLR(optimizer, step_size=1, gamma=0.7)
for epoch in range(1, 4):
    train(args, model, device, loader, optimizer, epoch)
    test(model, device, loader)
    scheduler.step()
results += [model.bn.running_mean, optimizer.param_groups[0]["lr"], str(model.conv1)]

# --- a variational autoencoder -----------------------------------------------------------------


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(144, 20), nn.Linear(20, 4), nn.Linear(20, 4)
        self.fc3, self.fc4 = nn.Linear(4, 20), nn.Linear(20, 144)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std) * 0 + 0.5
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 144))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 144), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


model = same(VAE())
optimizer = optim.Adam(model.parameters(), lr=1e-3)
for _ in range(3):
    optimizer.zero_grad()
    recon_batch, mu, logvar = model(images.abs())
    loss = loss_function(recon_batch, images.abs(), mu, logvar)
    loss.backward()
    optimizer.step()
    results.append(loss.item() / len(images))

# --- REINFORCE ---------------------------------------------------------------------------------


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1, self.affine2 = nn.Linear(4, 8), nn.Linear(8, 2)
        self.saved_log_probs, self.rewards = [], []

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.affine2(x), dim=1)


policy = same(Policy())
optimizer = optim.Adam(policy.parameters(), lr=1e-2)
eps = np.finfo(np.float32).eps.item()
for step in range(6):
    state = torch.from_numpy(np.cos(np.arange(4) + step)).float().unsqueeze(0)
    probs = policy(state)
    m = Categorical(probs)
    action = m.sample()
    assert action.item() in (0, 1)
    action = action * 0 + step % 2
    policy.saved_log_probs.append(m.log_prob(action))
    policy.rewards.append(1.0 - step % 3)
R, policy_loss, returns = 0, [], []
for r in policy.rewards[::-1]:
    R = r + 0.99 * R
    returns.insert(0, R)
returns = torch.tensor(returns)
returns = (returns - returns.mean()) / (returns.std() + eps)
for log_prob, R in zip(policy.saved_log_probs, returns):
    policy_loss.append(-log_prob * R)
optimizer.zero_grad()
policy_loss = torch.cat(policy_loss).sum()
policy_loss.backward()
optimizer.step()
results += [policy_loss.item(), m.entropy(), policy.affine1.weight]
