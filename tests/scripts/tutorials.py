"""In the manner of PyTorch's first tutorials: polynomials, modules, data loaders, autograd."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.autograd import Variable
from torch.utils.data import DataLoader, Dataset, TensorDataset

# --- a polynomial, in eight ways ---------------------------------------------------------------

dtype = torch.float
device = torch.device("cpu")
x = torch.linspace(-math.pi, math.pi, 200, device=device, dtype=dtype)
y = torch.sin(x)
a, b, c, d = (torch.tensor(v, device=device, dtype=dtype) for v in (0.1, -0.2, 0.3, 0.05))
learning_rate = 1e-5
for t in range(20):
    y_pred = a + b * x + c * x**2 + d * x**3
    loss = (y_pred - y).pow(2).sum().item()
    grad_y_pred = 2.0 * (y_pred - y)
    a -= learning_rate * grad_y_pred.sum()
    b -= learning_rate * (grad_y_pred * x).sum()
    c -= learning_rate * (grad_y_pred * x**2).sum()
    d -= learning_rate * (grad_y_pred * x**3).sum()
results.append(f"y = {a.item():.4f} + {b.item():.4f} x + {c.item():.4f} x^2 + {d.item():.4f} x^3")

a, b, c, d = (
    torch.full((), v, device=device, dtype=dtype, requires_grad=True)
    for v in (0.1, -0.2, 0.3, 0.05)
)
for t in range(20):
    y_pred = a + b * x + c * x**2 + d * x**3
    loss = (y_pred - y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
        c -= learning_rate * c.grad
        d -= learning_rate * d.grad
        a.grad = None
        b.grad = None
        c.grad = None
        d.grad = None
results.append([a.item(), b.item(), c.item(), d.item()])


class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


a, b, c, d = (torch.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3))
P3 = LegendrePolynomial3.apply
for t in range(10):
    y_pred = a + b * P3(c + d * x)
    loss = (y_pred - y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c, d):
            p -= 5e-6 * p.grad
            p.grad = None
results.append([a.item(), b.item(), c.item(), d.item()])

p = torch.tensor([1, 2, 3])
xx = x.unsqueeze(-1).pow(p)
model = same(torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Flatten(0, 1)))
loss_fn = torch.nn.MSELoss(reduction="sum")
for t in range(10):
    y_pred = model(xx)
    loss = loss_fn(y_pred, y)
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for param in model.parameters():
            param -= 1e-6 * param.grad
linear_layer = model[0]
results.append([linear_layer.bias.item(), linear_layer.weight[:, 0].item()])

optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
for t in range(10):
    loss = loss_fn(model(xx), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
results.append(loss.item())


class Polynomial3(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(()))
        self.b = torch.nn.Parameter(torch.randn(()))
        self.c = torch.nn.Parameter(torch.randn(()))
        self.d = torch.nn.Parameter(torch.randn(()))

    def forward(self, x):
        return self.a + self.b * x + self.c * x**2 + self.d * x**3

    def string(self):
        return f"y = {self.a.item():.3f} + {self.b.item():.3f} x"


model = same(Polynomial3())
criterion = torch.nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=1e-6, momentum=0.9)
for t in range(10):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
results += [loss.item(), model.string()]

N, D_in, H, D_out = 16, 20, 10, 3
x = Variable(torch.sin(torch.arange(N * D_in).float()).view(N, D_in))
y = Variable(torch.cos(torch.arange(N * D_out).float()).view(N, D_out), requires_grad=False)
w1 = Variable(same(torch.randn(D_in, H)).type(torch.FloatTensor), requires_grad=True)
w2 = Variable(same(torch.randn(H, D_out)).type(torch.FloatTensor), requires_grad=True)
for t in range(10):
    y_pred = x.mm(w1).clamp(min=0).mm(w2)
    loss = (y_pred - y).pow(2).sum()
    loss.backward()
    w1.data -= 1e-3 * w1.grad.data
    w2.data -= 1e-3 * w2.grad.data
    w1.grad.data.zero_()
    w2.grad.data.zero_()
results += [loss.data.item(), w1]


class DynamicNet(torch.nn.Module):
    def __init__(self, D_in, H, D_out):
        super(DynamicNet, self).__init__()  # noqa: UP008
        self.input_linear = torch.nn.Linear(D_in, H)
        self.middle_linear = torch.nn.Linear(H, H)
        self.output_linear = torch.nn.Linear(H, D_out)

    def forward(self, x, times):
        h_relu = self.input_linear(x).clamp(min=0)
        for _ in range(times):
            h_relu = self.middle_linear(h_relu).clamp(min=0)
        return self.output_linear(h_relu)


model = same(DynamicNet(D_in, H, D_out))
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
for t in range(6):
    loss = criterion(model(x, t % 4), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
results.append(loss.item())

# --- what is torch.nn really? ------------------------------------------------------------------

bs, n, c = 16, 64, 144
x_train = (torch.sin(torch.arange(n * c) * 0.37)).view(n, c).abs()
y_train = torch.arange(n) * 7 % 10
weights = same(torch.randn(c, 10)) / math.sqrt(c)
weights.requires_grad_()
bias = torch.zeros(10, requires_grad=True)


def log_softmax(x):
    return x - x.exp().sum(-1).log().unsqueeze(-1)


def nll(input, target):
    return -input[range(target.shape[0]), target].mean()


def accuracy(out, yb):
    preds = torch.argmax(out, dim=1)
    return (preds == yb).float().mean()


xb, yb = x_train[0:bs], y_train[0:bs]
preds = log_softmax(xb @ weights + bias)
results += [preds, nll(preds, yb), accuracy(preds, yb)]
for epoch in range(2):
    for i in range((n - 1) // bs + 1):
        xb, yb = x_train[i * bs : i * bs + bs], y_train[i * bs : i * bs + bs]
        loss = nll(log_softmax(xb @ weights + bias), yb)
        loss.backward()
        with torch.no_grad():
            weights -= weights.grad * 0.5
            bias -= bias.grad * 0.5
            weights.grad.zero_()
            bias.grad.zero_()
results.append(loss)


class Mnist_CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, kernel_size=3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(4, 4, kernel_size=3, stride=2, padding=1)
        self.conv3 = nn.Conv2d(4, 10, kernel_size=3, stride=2, padding=1)

    def forward(self, xb):
        xb = xb.view(-1, 1, 12, 12)
        xb = F.relu(self.conv1(xb))
        xb = F.relu(self.conv2(xb))
        xb = F.relu(self.conv3(xb))
        xb = F.avg_pool2d(xb, 2)
        return xb.view(-1, xb.size(1))


class Lambda(nn.Module):
    def __init__(self, func):
        super().__init__()
        self.func = func

    def forward(self, x):
        return self.func(x)


def get_data(train_ds, valid_ds, bs):
    return DataLoader(train_ds, batch_size=bs, shuffle=False), DataLoader(
        valid_ds, batch_size=bs * 2
    )


def loss_batch(model, loss_func, xb, yb, opt=None):
    loss = loss_func(model(xb), yb)
    if opt is not None:
        loss.backward()
        opt.step()
        opt.zero_grad()
    return loss.item(), len(xb)


def fit(epochs, model, loss_func, opt, train_dl, valid_dl):
    for epoch in range(epochs):
        model.train()
        for xb, yb in train_dl:
            loss_batch(model, loss_func, xb, yb, opt)
        model.eval()
        with torch.no_grad():
            losses, nums = zip(*[loss_batch(model, loss_func, xb, yb) for xb, yb in valid_dl])
        val_loss = sum(l * n for l, n in zip(losses, nums)) / sum(nums)  # noqa: E741
        results.append(val_loss)


class WrappedDataLoader:
    def __init__(self, dl, func):
        self.dl, self.func = dl, func

    def __len__(self):
        return len(self.dl)

    def __iter__(self):
        for b in self.dl:
            yield self.func(*b)


def preprocess(x, y):
    return x.view(-1, 1, 12, 12).to(device), y.to(device)


train_ds = TensorDataset(x_train, y_train)
valid_ds = TensorDataset(x_train[:40], y_train[:40])
results += [len(train_ds), train_ds[3:5][1]]
train_dl, valid_dl = get_data(train_ds, valid_ds, bs)
model = same(Mnist_CNN())
fit(
    2,
    model,
    F.cross_entropy,
    optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
    train_dl,
    valid_dl,
)
train_dl, valid_dl = (
    WrappedDataLoader(train_dl, preprocess),
    WrappedDataLoader(valid_dl, preprocess),
)
model = same(
    nn.Sequential(
        nn.Conv2d(1, 4, kernel_size=3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(4, 10, kernel_size=3, stride=2, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), Lambda(lambda x: x.view(x.size(0), -1)),
    )
)  # fmt: skip
fit(2, model, F.cross_entropy, optim.Adam(model.parameters(), lr=0.01), train_dl, valid_dl)

# --- the basics --------------------------------------------------------------------------------

x_data = torch.tensor([[1, 2], [3, 4]])
x_ones = torch.ones_like(x_data)
x_rand = torch.rand_like(x_data, dtype=torch.float)
assert x_rand.dtype == torch.float32
results += [
    f"Ones Tensor: \n {x_ones} \n",
    str(x_data.dtype),
    str(x_data.shape),
    str(x_data.device),
]
tensor = torch.ones(4, 4)
tensor[:, 1] = 0
t1 = torch.cat([tensor, tensor, tensor], dim=1)
y1, y3 = tensor @ tensor.T, torch.rand_like(tensor)
torch.matmul(tensor, tensor.T, out=y3)
z1, z3 = tensor * tensor, torch.rand_like(tensor)
torch.mul(tensor, tensor, out=z3)
agg = tensor.sum()
results += [t1, y1, y3, z3, agg.item(), str(agg), f"First row: {tensor[0]}", f"{tensor[..., -1]}"]
tensor.add_(5)
t = torch.ones(5)
n_ = t.numpy()
t.add_(1)
results += [
    str(tensor),
    n_.tolist(),
    str(torch.zeros(2, 3, dtype=torch.long)),
    str(torch.Size([2, 3])),
]

xq = torch.ones(5)
yq = torch.zeros(3)
w = same(torch.randn(5, 3, requires_grad=True))
bq = torch.zeros(3, requires_grad=True)
zq = torch.matmul(xq, w) + bq
loss = torch.nn.functional.binary_cross_entropy_with_logits(zq, yq)
loss.backward()
results += [loss, w.grad, bq.grad, zq.requires_grad, zq.detach().requires_grad]
inp = torch.eye(4, 5, requires_grad=True)
out = (inp + 1).pow(2).t()
out.backward(torch.ones_like(out), retain_graph=True)
out.backward(torch.ones_like(out), retain_graph=True)
results.append(inp.grad)
inp.grad.zero_()


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(12 * 12, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 10)
        )

    def forward(self, x):
        x = self.flatten(x)
        return self.linear_relu_stack(x)


class CustomDataset(Dataset):
    def __init__(self, transform=None, target_transform=None):
        self.transform, self.target_transform = transform, target_transform

    def __len__(self):
        return 40

    def __getitem__(self, idx):
        image, label = x_train[idx].view(12, 12), int(y_train[idx])
        if self.target_transform:
            label = self.target_transform(label)
        return image, label


one_hot = CustomDataset(
    target_transform=lambda y: torch.zeros(10, dtype=torch.float).scatter_(
        0, torch.tensor(y), value=1
    )
)
results.append(one_hot[3][1])
model = same(NeuralNetwork())
results.append(str(model))
dataloader = DataLoader(CustomDataset(), batch_size=16)
loss_fn, optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=1e-1)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
for epoch in range(3):
    size, correct = len(dataloader.dataset), 0
    model.train()
    for batch, (X, y) in enumerate(dataloader):
        pred = model(X)
        loss = loss_fn(pred, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    scheduler.step()
    results += [loss.item(), correct / size, scheduler.get_last_lr()[0]]
logits = model(x_train[:2].view(2, 12, 12))
pred_probab = nn.Softmax(dim=1)(logits)
results += [pred_probab, pred_probab.argmax(1)]
for name, param in model.named_parameters():
    results.append(f"Layer: {name} | Size: {param.size()}")
