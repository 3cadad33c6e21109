"""In the manner of tutorials on nn.Transformer, a trainer, and functions of one's own."""

import math
from collections import defaultdict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn import TransformerEncoder, TransformerEncoderLayer
from torch.utils.data import DataLoader, Dataset

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# --- nn.Transformer ----------------------------------------------------------------------------


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, dropout=0.1, max_len=50):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * div_term)
        pe[:, 0, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        x = x + self.pe[: x.size(0)]
        return self.dropout(x)


class TransformerModel(nn.Module):
    def __init__(self, ntoken, d_model, nhead, d_hid, nlayers, dropout=0.0):
        super().__init__()
        self.model_type = "Transformer"
        self.pos_encoder = PositionalEncoding(d_model, dropout)
        encoder_layers = TransformerEncoderLayer(d_model, nhead, d_hid, dropout)
        self.transformer_encoder = TransformerEncoder(encoder_layers, nlayers)
        self.embedding = nn.Embedding(ntoken, d_model)
        self.d_model = d_model
        self.linear = nn.Linear(d_model, ntoken)
        self.init_weights()

    def init_weights(self):
        initrange = 0.1
        self.embedding.weight.data.uniform_(-initrange, initrange)
        self.linear.bias.data.zero_()
        self.linear.weight.data.uniform_(-initrange, initrange)

    def forward(self, src, src_mask=None):
        src = self.embedding(src) * math.sqrt(self.d_model)
        src = self.pos_encoder(src)
        if src_mask is None:
            src_mask = nn.Transformer.generate_square_subsequent_mask(len(src)).to(device)
        output = self.transformer_encoder(src, src_mask)
        return self.linear(output)


model = same(TransformerModel(15, 8, 2, 16, 2))
criterion, optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=1.0)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1.0, gamma=0.95)
text = (torch.arange(60) * 4 % 15).view(12, 5)
for i in range(3):
    output = model(text[i : i + 6])
    loss = criterion(output.view(-1, 15), text[i + 1 : i + 7].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    scheduler.step()
    results.append(loss.item())


def generate_square_subsequent_mask(sz):
    mask = (torch.triu(torch.ones((sz, sz), device=device)) == 1).transpose(0, 1)
    return mask.float().masked_fill(mask == 0, float("-inf")).masked_fill(mask == 1, float(0.0))


def create_mask(src, tgt, pad=1):
    tgt_mask = generate_square_subsequent_mask(tgt.shape[0])
    src_mask = torch.zeros((src.shape[0], src.shape[0]), device=device).type(torch.bool)
    return src_mask, tgt_mask, (src == pad).transpose(0, 1), (tgt == pad).transpose(0, 1)


class Seq2SeqTransformer(nn.Module):
    def __init__(self, vocab, emb_size, nhead):
        super().__init__()
        self.transformer = nn.Transformer(
            d_model=emb_size, nhead=nhead, num_encoder_layers=1, num_decoder_layers=1,
            dim_feedforward=16, dropout=0.0,
        )  # fmt: skip
        self.generator, self.tok = nn.Linear(emb_size, vocab), nn.Embedding(vocab, emb_size)

    def forward(
        self,
        src,
        trg,
        src_mask,
        tgt_mask,
        src_padding_mask,
        tgt_padding_mask,
        memory_key_padding_mask,
    ):
        outs = self.transformer(
            self.tok(src), self.tok(trg), src_mask, tgt_mask, None,
            src_padding_mask, tgt_padding_mask, memory_key_padding_mask,
        )  # fmt: skip
        return self.generator(outs)


transformer = Seq2SeqTransformer(12, 8, 2)
for p in transformer.parameters():
    if p.dim() > 1:
        nn.init.xavier_uniform_(p)
same(transformer)
loss_fn = torch.nn.CrossEntropyLoss(ignore_index=1)
optimizer = torch.optim.Adam(transformer.parameters(), lr=0.001, betas=(0.9, 0.98), eps=1e-9)
src, tgt = (
    torch.tensor([[2, 2], [4, 5], [3, 6], [1, 3]]),
    torch.tensor([[2, 2], [7, 8], [9, 3], [3, 1]]),
)
for _ in range(3):
    tgt_input, tgt_out = tgt[:-1, :], tgt[1:, :]
    masks = create_mask(src, tgt_input)
    logits = transformer(src, tgt_input, *masks[:2], *masks[2:], masks[2])
    optimizer.zero_grad()
    loss = loss_fn(logits.reshape(-1, logits.shape[-1]), tgt_out.reshape(-1))
    loss.backward()
    optimizer.step()
    results.append(loss.item())
mha = same(nn.MultiheadAttention(8, 2, batch_first=True))
out, weights = mha(
    torch.ones(2, 3, 8), torch.ones(2, 3, 8) / 2, torch.cos(torch.arange(48.0)).view(2, 3, 8)
)
results += [out, weights]

# --- a trainer with callbacks ------------------------------------------------------------------


class SortDataset(Dataset):
    def __init__(self, length=4, num_digits=3):
        self.length, self.num_digits = length, num_digits

    def __len__(self):
        return 50

    def __getitem__(self, idx):
        inp = (torch.arange(self.length, dtype=torch.long) * (idx + 1)) % self.num_digits
        sol = torch.sort(inp)[0]
        cat = torch.cat((inp, sol), dim=0)
        x, y = cat[:-1].clone(), cat[1:].clone()
        y[: self.length - 1] = -1
        return x, y


class Trainer:
    def __init__(self, model, train_dataset):
        self.callbacks = defaultdict(list)
        self.model, self.train_dataset, self.iter_num = model, train_dataset, 0

    def add_callback(self, onevent, callback):
        self.callbacks[onevent].append(callback)

    def trigger_callbacks(self, onevent):
        for callback in self.callbacks.get(onevent, []):
            callback(self)

    def run(self, iters):
        sampler = torch.utils.data.RandomSampler(
            self.train_dataset, replacement=True, num_samples=int(1e10)
        )
        train_loader = DataLoader(
            self.train_dataset,
            sampler=sampler,
            shuffle=False,
            pin_memory=True,
            batch_size=8,
            num_workers=0,
        )
        data_iter = iter(train_loader)
        batch = [t.to("cpu") for t in next(data_iter)]
        assert [tuple(t.shape) for t in batch] == [(8, 7), (8, 7)]
        optimizer = self.configure_optimizers()
        for self.iter_num in range(iters):
            x, y = [torch.stack(t) for t in zip(*[self.train_dataset[i] for i in range(8)])]
            logits = self.model(x)
            self.loss = F.cross_entropy(
                logits.view(-1, logits.size(-1)), y.view(-1), ignore_index=-1
            )
            self.model.zero_grad(set_to_none=True)
            self.loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
            self.trigger_callbacks("on_batch_end")

    def configure_optimizers(self):
        decay, no_decay = set(), set()
        for mn, m in self.model.named_modules():
            for pn, p in m.named_parameters():
                fpn = f"{mn}.{pn}" if mn else pn
                if pn.endswith("bias"):
                    no_decay.add(fpn)
                elif pn.endswith("weight") and isinstance(m, (torch.nn.Linear,)):
                    decay.add(fpn)
                elif pn.endswith("weight") and isinstance(
                    m, (torch.nn.LayerNorm, torch.nn.Embedding)
                ):
                    no_decay.add(fpn)
        param_dict = {pn: p for pn, p in self.model.named_parameters()}
        assert len(decay & no_decay) == 0
        assert len(param_dict.keys() - (decay | no_decay)) == 0
        groups = [
            {"params": [param_dict[pn] for pn in sorted(list(decay))], "weight_decay": 0.1},
            {"params": [param_dict[pn] for pn in sorted(list(no_decay))], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.95))


net = nn.Sequential(
    nn.Embedding(3, 8),
    nn.LayerNorm(8),
    nn.Linear(8, 16),
    nn.GELU(approximate="tanh"),
    nn.Linear(16, 3),
)
trainer = Trainer(same(net), SortDataset())
trainer.add_callback(
    "on_batch_end", lambda t: results.append(f"iter {t.iter_num}: {t.loss.item():.4f}")
)
trainer.run(4)

# --- functions and hooks of one's own ----------------------------------------------------------


class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, weight, bias=None):
        ctx.save_for_backward(input, weight, bias)
        output = input.mm(weight.t())
        if bias is not None:
            output += bias.unsqueeze(0).expand_as(output)
        return output

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias


x = torch.sin(torch.arange(6.0)).view(2, 3).requires_grad_()
w, b = same(torch.zeros(4, 3)).requires_grad_(), same(torch.zeros(4)).requires_grad_()
seen = []
handle = x.register_hook(lambda grad: seen.append(grad.norm().item()))
layer = nn.Linear(4, 2)
same(layer).register_forward_hook(lambda module, inputs, output: seen.append(tuple(output.shape)))
layer(LinearFunction.apply(x, w, b)).pow(2).sum().backward()
handle.remove()
results += [x.grad, w.grad, b.grad, seen]
mult = torch.add(x, 1).mul(2)
mult.backward(torch.tensor([[1.0, 2.0, 3.0]] * 2))
results += [x.grad, type(mult.grad_fn).__name__, mult.is_leaf, x.grad_fn is None]
torch.save(net.state_dict(), "net.pt")
net.load_state_dict(torch.load("net.pt"))
results.append(net[2].weight)
