"""In the manner of a collection of short models: the Transformer and BERT."""

import math
import random
import re
from random import randrange

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

dtype = torch.FloatTensor
sentences = ["i like dog", "i love coffee", "i hate milk"]
word_list = " ".join(sentences).split()
word_list = sorted(set(word_list))
word_dict = {w: i for i, w in enumerate(word_list)}
number_dict = {i: w for i, w in enumerate(word_list)}
n_class = len(word_dict)

criterion = nn.CrossEntropyLoss()

# --- the Transformer, and BERT -----------------------------------------------------------------

d_model, d_ff, d_k, d_v, n_heads = 16, 32, 8, 8, 2


def get_sinusoid_encoding_table(n_position, d_model):
    def cal_angle(position, hid_idx):
        return position / np.power(10000, 2 * (hid_idx // 2) / d_model)

    def get_posi_angle_vec(position):
        return [cal_angle(position, hid_j) for hid_j in range(d_model)]

    sinusoid_table = np.array([get_posi_angle_vec(pos_i) for pos_i in range(n_position)])
    sinusoid_table[:, 0::2] = np.sin(sinusoid_table[:, 0::2])
    sinusoid_table[:, 1::2] = np.cos(sinusoid_table[:, 1::2])
    return torch.FloatTensor(sinusoid_table)


def get_attn_pad_mask(seq_q, seq_k):
    batch_size, len_q = seq_q.size()
    batch_size, len_k = seq_k.size()
    pad_attn_mask = seq_k.data.eq(0).unsqueeze(1)
    return pad_attn_mask.expand(batch_size, len_q, len_k)


def get_attn_subsequent_mask(seq):
    attn_shape = [seq.size(0), seq.size(1), seq.size(1)]
    subsequent_mask = np.triu(np.ones(attn_shape), k=1)
    return torch.from_numpy(subsequent_mask).byte()


class ScaledDotProductAttention(nn.Module):
    def forward(self, Q, K, V, attn_mask):
        scores = torch.matmul(Q, K.transpose(-1, -2)) / np.sqrt(d_k)
        scores.masked_fill_(attn_mask, -1e9)
        attn = nn.Softmax(dim=-1)(scores)
        return torch.matmul(attn, V), attn


class MultiHeadAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.W_Q = nn.Linear(d_model, d_k * n_heads)
        self.W_K = nn.Linear(d_model, d_k * n_heads)
        self.W_V = nn.Linear(d_model, d_v * n_heads)
        self.linear = nn.Linear(n_heads * d_v, d_model)
        self.layer_norm = nn.LayerNorm(d_model)

    def forward(self, Q, K, V, attn_mask):
        residual, batch_size = Q, Q.size(0)
        q_s = self.W_Q(Q).view(batch_size, -1, n_heads, d_k).transpose(1, 2)
        k_s = self.W_K(K).view(batch_size, -1, n_heads, d_k).transpose(1, 2)
        v_s = self.W_V(V).view(batch_size, -1, n_heads, d_v).transpose(1, 2)
        attn_mask = attn_mask.unsqueeze(1).repeat(1, n_heads, 1, 1)
        context, attn = ScaledDotProductAttention()(q_s, k_s, v_s, attn_mask)
        context = context.transpose(1, 2).contiguous().view(batch_size, -1, n_heads * d_v)
        return self.layer_norm(self.linear(context) + residual), attn


class PoswiseFeedForwardNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(in_channels=d_model, out_channels=d_ff, kernel_size=1)
        self.conv2 = nn.Conv1d(in_channels=d_ff, out_channels=d_model, kernel_size=1)
        self.layer_norm = nn.LayerNorm(d_model)

    def forward(self, inputs):
        residual = inputs
        output = nn.ReLU()(self.conv1(inputs.transpose(1, 2)))
        output = self.conv2(output).transpose(1, 2)
        return self.layer_norm(output + residual)


class DecoderOnly(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(9, d_model)
        self.pos = nn.Embedding.from_pretrained(
            get_sinusoid_encoding_table(7, d_model), freeze=True
        )
        self.att, self.ffn = MultiHeadAttention(), PoswiseFeedForwardNet()
        self.projection = nn.Linear(d_model, 9, bias=False)

    def forward(self, inputs):
        out = self.emb(inputs) + self.pos(torch.LongTensor([[1, 2, 3, 4, 5]]))
        pad, sub = get_attn_pad_mask(inputs, inputs), get_attn_subsequent_mask(inputs)
        mask = torch.gt((pad + sub), 0)
        out, attn = self.att(out, out, out, mask)
        logits = self.projection(self.ffn(out))
        return logits.view(-1, logits.size(-1)), attn


model = same(DecoderOnly())
optimizer = optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01, momentum=0.99)
batch = torch.LongTensor([[1, 2, 3, 4, 0], [5, 6, 7, 8, 2]])
for _ in range(3):
    optimizer.zero_grad()
    output, attn = model(batch)
    loss = criterion(output, batch.contiguous().view(-1))
    loss.backward()
    optimizer.step()
results += [loss.item(), attn]


def gelu(x):
    return x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))


class BERT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok_embed = nn.Embedding(9, d_model)
        self.pos_embed = nn.Embedding(5, d_model)
        self.seg_embed = nn.Embedding(2, d_model)
        self.norm = nn.LayerNorm(d_model)
        self.fc, self.activ1 = nn.Linear(d_model, d_model), nn.Tanh()
        self.linear, self.activ2 = nn.Linear(d_model, d_model), gelu
        self.classifier = nn.Linear(d_model, 2)
        embed_weight = self.tok_embed.weight
        n_vocab, n_dim = embed_weight.size()
        self.decoder = nn.Linear(n_dim, n_vocab, bias=False)
        self.decoder.weight = embed_weight
        self.decoder_bias = nn.Parameter(torch.zeros(n_vocab))

    def forward(self, input_ids, segment_ids, masked_pos):
        seq_len = input_ids.size(1)
        pos = torch.arange(seq_len, dtype=torch.long)
        pos = pos.unsqueeze(0).expand_as(input_ids)
        output = self.norm(
            self.tok_embed(input_ids) + self.pos_embed(pos) + self.seg_embed(segment_ids)
        )
        h_pooled = self.activ1(self.fc(output[:, 0]))
        logits_clsf = self.classifier(h_pooled)
        masked_pos = masked_pos[:, :, None].expand(-1, -1, output.size(-1))
        h_masked = torch.gather(output, 1, masked_pos)
        h_masked = self.norm(self.activ2(self.linear(h_masked)))
        return self.decoder(h_masked) + self.decoder_bias, logits_clsf


model = same(BERT())
optimizer = optim.Adam(model.parameters(), lr=0.001)
masked_tokens, masked_pos = torch.LongTensor([[3, 1], [6, 0]]), torch.LongTensor([[1, 2], [3, 0]])
segments, is_next = torch.LongTensor([[0, 0, 0, 1, 1]] * 2), torch.LongTensor([1, 0])
ignoring = nn.CrossEntropyLoss(ignore_index=0)
for _ in range(3):
    optimizer.zero_grad()
    logits_lm, logits_clsf = model(batch, segments, masked_pos)
    loss_lm = ignoring(logits_lm.transpose(1, 2), masked_tokens)
    loss_lm = (loss_lm.float()).mean()
    loss = loss_lm + criterion(logits_clsf, is_next)
    loss.backward()
    optimizer.step()
results += [loss.item(), logits_lm.data.max(2)[1][0].data.numpy()]
text = re.sub("[.,!?-]", "", "Hello, how are you?".lower()).split()
assert randrange(3) < 3
assert random.choice(text) in text
