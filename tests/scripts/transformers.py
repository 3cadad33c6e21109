"""In the manner of annotated papers: the Transformer line by line, and what came after it."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn import Parameter

# --- masked softmax, additive and dot-product attention ----------------------------------------


def sequence_mask(X, valid_len, value=0):
    maxlen = X.size(1)
    mask = (
        torch.arange((maxlen), dtype=torch.float32, device=X.device)[None, :] < valid_len[:, None]
    )
    X[~mask] = value
    return X


def masked_softmax(X, valid_lens):
    if valid_lens is None:
        return nn.functional.softmax(X, dim=-1)
    shape = X.shape
    if valid_lens.dim() == 1:
        valid_lens = torch.repeat_interleave(valid_lens, shape[1])
    else:
        valid_lens = valid_lens.reshape(-1)
    X = sequence_mask(X.reshape(-1, shape[-1]), valid_lens, value=-1e6)
    return nn.functional.softmax(X.reshape(shape), dim=-1)


class AdditiveAttention(nn.Module):
    def __init__(self, num_hiddens, dropout=0.0):
        super().__init__()
        self.W_k = nn.Linear(5, num_hiddens, bias=False)
        self.W_q = nn.Linear(4, num_hiddens, bias=False)
        self.w_v = nn.Linear(num_hiddens, 1, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, queries, keys, values, valid_lens):
        queries, keys = self.W_q(queries), self.W_k(keys)
        features = queries.unsqueeze(2) + keys.unsqueeze(1)
        features = torch.tanh(features)
        scores = self.w_v(features).squeeze(-1)
        self.attention_weights = masked_softmax(scores, valid_lens)
        return torch.bmm(self.dropout(self.attention_weights), values)


queries = torch.sin(torch.arange(24).float()).view(2, 3, 4)
keys = torch.cos(torch.arange(50).float()).view(2, 5, 5)
values = torch.arange(40, dtype=torch.float32).reshape(1, 10, 4).repeat(2, 1, 1)[:, :5]
attention_layer = same(AdditiveAttention(6))
out = attention_layer(queries, keys, values, torch.tensor([2, 4]))
out.sum().backward()
results += [out, attention_layer.attention_weights, attention_layer.W_k.weight.grad]
scores = torch.bmm(queries, keys[:, :, :4].transpose(1, 2)) / math.sqrt(4)
results.append(masked_softmax(scores, torch.tensor([[1, 3, 2], [2, 4, 5]])))


class PositionalEncoding2(nn.Module):
    def __init__(self, num_hiddens, dropout, max_len=30):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.P = torch.zeros((1, max_len, num_hiddens))
        X = torch.arange(max_len, dtype=torch.float32).reshape(-1, 1) / torch.pow(
            10000, torch.arange(0, num_hiddens, 2, dtype=torch.float32) / num_hiddens
        )
        self.P[:, :, 0::2] = torch.sin(X)
        self.P[:, :, 1::2] = torch.cos(X)

    def forward(self, X):
        X = X + self.P[:, : X.shape[1], :].to(X.device)
        return self.dropout(X)


results.append(PositionalEncoding2(8, 0)(torch.zeros(1, 6, 8)))
lazy = nn.Sequential(nn.LazyLinear(6), nn.ReLU(), nn.LazyLinear(2))
results.append(lazy(torch.ones(3, 5)).shape)

# --- rotary positions, ALiBi, experts, by einsum -----------------------------------------------


class RotaryPositionalEmbeddings(nn.Module):
    def __init__(self, d, base=10_000):
        super().__init__()
        self.base, self.d, self.cos_cached, self.sin_cached = base, d, None, None

    def _build_cache(self, x):
        if self.cos_cached is not None and x.shape[0] <= self.cos_cached.shape[0]:
            return
        seq_len = x.shape[0]
        theta = 1.0 / (self.base ** (torch.arange(0, self.d, 2).float() / self.d)).to(x.device)
        seq_idx = torch.arange(seq_len, device=x.device).float().to(x.device)
        idx_theta = torch.einsum("n,d->nd", seq_idx, theta)
        idx_theta2 = torch.cat([idx_theta, idx_theta], dim=1)
        self.cos_cached = idx_theta2.cos()[:, None, None, :]
        self.sin_cached = idx_theta2.sin()[:, None, None, :]

    def _neg_half(self, x):
        d_2 = self.d // 2
        return torch.cat([-x[:, :, :, d_2:], x[:, :, :, :d_2]], dim=-1)

    def forward(self, x):
        self._build_cache(x)
        x_rope, x_pass = x[..., : self.d], x[..., self.d :]
        neg_half_x = self._neg_half(x_rope)
        x_rope = (x_rope * self.cos_cached[: x.shape[0]]) + (
            neg_half_x * self.sin_cached[: x.shape[0]]
        )
        return torch.cat((x_rope, x_pass), dim=-1)


x = torch.sin(torch.arange(3 * 2 * 2 * 6).float()).view(3, 2, 2, 6).requires_grad_()
rotated = RotaryPositionalEmbeddings(4)(x)
scores = torch.einsum("ibhd,jbhd->ijbh", rotated, x)
mask = torch.tril(x.new_ones(3, 3)).bool().unsqueeze(-1).unsqueeze(-1)
attn = nn.Softmax(dim=1)(scores.masked_fill(mask == 0, float("-inf")))
out = torch.einsum("ijbh,jbhd->ibhd", attn, x)
out.pow(2).sum().backward()
results += [rotated, out, x.grad]
slopes = torch.pow(2.0 ** (-8.0 / 4), torch.arange(1, 1 + 4))
distance = mask.squeeze().cumsum(dim=-1)
results += [distance[:, :, None] * slopes[None, None, :], torch.logical_not(mask.squeeze())]
route = F.softmax(torch.cos(torch.arange(12).float()).view(4, 3), dim=-1)
route_prob_max, routes = torch.max(route, dim=-1)
indexes_list = [torch.eq(routes, i).nonzero(as_tuple=True)[0] for i in range(3)]
final = route.new_zeros(route.shape)
for i in range(3):
    final[indexes_list[i], :] = route[indexes_list[i], :] * (i + 1)
final = final * (route_prob_max / route_prob_max.detach()).unsqueeze(dim=-1)
results += [
    final,
    [len(i) for i in indexes_list],
    torch.stack([route.sum(0), final.sum(0)]).view(-1),
]


class LoRALinear(nn.Module):
    def __init__(self, in_features, out_features, r, alpha=None):
        super().__init__()
        self.weight = nn.Parameter(torch.empty((out_features, in_features)))
        self.weight.requires_grad = False
        self.scaling = (alpha or r) / r
        self.lora_a = Parameter(torch.empty((r, in_features)))
        self.lora_b = Parameter(torch.empty((out_features, r)))
        with torch.no_grad():
            nn.init.kaiming_uniform_(self.lora_a, a=5**0.5)
            nn.init.zeros_(self.lora_b)

    def forward(self, x):
        result = nn.functional.linear(x, self.weight)
        result += (x @ self.lora_a.transpose(0, 1) @ self.lora_b.transpose(0, 1)) * self.scaling
        return result


lora = same(LoRALinear(4, 3, 2))
lora(torch.ones(2, 4)).sum().backward()
results += [lora.lora_a.grad, lora.lora_b.grad, lora.weight.grad]

# --- a GPT, chapter by chapter -----------------------------------------------------------------

inputs = torch.tensor(
    [[0.43, 0.15, 0.89], [0.55, 0.87, 0.66], [0.57, 0.85, 0.64], [0.22, 0.58, 0.33]]
)
query = inputs[1]
attn_scores_2 = torch.empty(inputs.shape[0])
for i, x_i in enumerate(inputs):
    attn_scores_2[i] = torch.dot(x_i, query)
context_vec_2 = torch.zeros(query.shape)
for i, x_i in enumerate(inputs):
    context_vec_2 += torch.softmax(attn_scores_2, dim=0)[i] * x_i
results += [str(attn_scores_2), str(context_vec_2), f"{attn_scores_2 / attn_scores_2.sum()}"]


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, "d_out must be divisible by num_heads"
        self.d_out, self.num_heads, self.head_dim = d_out, num_heads, d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj, self.dropout = nn.Linear(d_out, d_out), nn.Dropout(0.0)
        mask = torch.triu(torch.ones(context_length, context_length), diagonal=1)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x):
        b, num_tokens, d_in = x.shape
        keys, queries, values = self.W_key(x), self.W_query(x), self.W_value(x)
        keys = keys.view(b, num_tokens, self.num_heads, self.head_dim).transpose(1, 2)
        values = values.view(b, num_tokens, self.num_heads, self.head_dim).transpose(1, 2)
        queries = queries.view(b, num_tokens, self.num_heads, self.head_dim).transpose(1, 2)
        attn_scores = queries @ keys.transpose(2, 3)
        mask_bool = self.mask.bool()[:num_tokens, :num_tokens]
        attn_scores.masked_fill_(mask_bool, -torch.inf)
        attn_weights = torch.softmax(attn_scores / keys.shape[-1] ** 0.5, dim=-1)
        context_vec = (self.dropout(attn_weights) @ values).transpose(1, 2)
        return self.out_proj(context_vec.contiguous().view(b, num_tokens, self.d_out))


class GELU(nn.Module):
    def forward(self, x):
        inner = torch.sqrt(torch.tensor(2.0 / torch.pi)) * (x + 0.044715 * torch.pow(x, 3))
        return 0.5 * x * (1 + torch.tanh(inner))


class Norm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.eps = 1e-5
        self.scale, self.shift = (
            nn.Parameter(torch.ones(emb_dim)),
            nn.Parameter(torch.zeros(emb_dim)),
        )

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        var = x.var(dim=-1, keepdim=True, unbiased=False)
        return self.scale * (x - mean) / torch.sqrt(var + self.eps) + self.shift


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["emb_dim"]
        self.att = CausalAttention(d, d, cfg["context_length"], cfg["n_heads"], cfg["qkv_bias"])
        self.ff = nn.Sequential(nn.Linear(d, 4 * d), GELU(), nn.Linear(4 * d, d))
        self.norm1, self.norm2 = Norm(d), Norm(d)

    def forward(self, x):
        shortcut = x
        x = self.att(self.norm1(x))
        x = x + shortcut
        shortcut = x
        x = self.ff(self.norm2(x))
        return x + shortcut


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.trf_blocks = nn.Sequential(*[Block(cfg) for _ in range(cfg["n_layers"])])
        self.final_norm = Norm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)

    def forward(self, in_idx):
        batch_size, seq_len = in_idx.shape
        x = self.tok_emb(in_idx) + self.pos_emb(torch.arange(seq_len, device=in_idx.device))
        return self.out_head(self.final_norm(self.trf_blocks(x)))


def generate_text_simple(model, idx, max_new_tokens, context_size):
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits = model(idx[:, -context_size:])
        probas = torch.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat((idx, torch.argmax(probas, dim=-1, keepdim=True)), dim=1)
    return idx


cfg = {
    "vocab_size": 20,
    "context_length": 8,
    "emb_dim": 12,
    "n_heads": 3,
    "n_layers": 2,
    "qkv_bias": False,
}
model = same(GPTModel(cfg))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.004, weight_decay=0.1)
tokens = torch.arange(36).view(4, 9) * 7 % 20
for _ in range(4):
    optimizer.zero_grad()
    logits = model(tokens[:, :-1])
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    loss.backward()
    optimizer.step()
    results.append(loss.item())
model.eval()
results += [
    generate_text_simple(model, tokens[:1, :3], 4, 8),
    torch.exp(loss),
    sum(p.numel() for p in model.parameters()),
]
new_logits = logits[0, -1]
top_logits, top_pos = torch.topk(new_logits, 3)
masked = torch.where(
    condition=new_logits < top_logits[-1], input=torch.tensor(float("-inf")), other=new_logits
)
results.append(torch.softmax(masked, dim=0))
