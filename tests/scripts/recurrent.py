"""In the manner of tutorials on recurrent nets: names, tags, language models, translation."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.autograd import Variable

# --- classifying names -------------------------------------------------------------------------

all_letters = "abcdefghijklmnopqrstuvwxyz .,;'"
n_letters = len(all_letters)


def line_to_tensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][all_letters.find(letter)] = 1
    return tensor


class NameRNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(NameRNN, self).__init__()  # noqa: UP008
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.i2o = nn.Linear(input_size + hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = self.i2h(combined)
        output = self.i2o(combined)
        output = self.softmax(output)
        return output, hidden

    def init_hidden(self):
        return Variable(torch.zeros(1, self.hidden_size))


categories = {"Korean": ["kim", "park"], "Russian": ["ivanov", "petrov"], "German": ["bauer"]}
all_categories = list(categories)
rnn = same(NameRNN(n_letters, 16, len(all_categories)))
criterion = nn.NLLLoss()
for category, lines in categories.items():
    for line in lines:
        category_tensor = Variable(torch.LongTensor([all_categories.index(category)]))
        line_tensor = Variable(line_to_tensor(line))
        hidden = rnn.init_hidden()
        rnn.zero_grad()
        for i in range(line_tensor.size()[0]):
            output, hidden = rnn(line_tensor[i], hidden)
        loss = criterion(output, category_tensor)
        loss.backward()
        for p in rnn.parameters():
            p.data.add_(p.grad.data, alpha=-0.05)
        results.append(loss.item())
top_n, top_i = output.data.topk(1)
results.append(all_categories[top_i[0][0]])
confusion = torch.zeros(3, 3)
confusion[0][1] += 1
confusion[0][2] += 3
for i in range(3):
    if confusion[i].sum() > 0:
        confusion[i] = confusion[i] / confusion[i].sum()
results.append(confusion.numpy())

# --- tags, by an LSTM; and the Viterbi score of a CRF ------------------------------------------


class LSTMTagger(nn.Module):
    def __init__(self, embedding_dim, hidden_dim, vocab_size, tagset_size):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.word_embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim)
        self.hidden2tag = nn.Linear(hidden_dim, tagset_size)

    def forward(self, sentence):
        embeds = self.word_embeddings(sentence)
        lstm_out, _ = self.lstm(embeds.view(len(sentence), 1, -1))
        tag_space = self.hidden2tag(lstm_out.view(len(sentence), -1))
        return F.log_softmax(tag_space, dim=1)


training_data = [
    ("The dog ate the apple".split(), ["DET", "NN", "V", "DET", "NN"]),
    ("Everybody read that book".split(), ["NN", "V", "DET", "NN"]),
]
word_to_ix, tag_to_ix = {}, {"DET": 0, "NN": 1, "V": 2}
for sent, tags in training_data:
    for word in sent:
        if word not in word_to_ix:
            word_to_ix[word] = len(word_to_ix)
model = same(LSTMTagger(6, 6, len(word_to_ix), len(tag_to_ix)))
loss_function, optimizer = nn.NLLLoss(), optim.SGD(model.parameters(), lr=0.1)
for epoch in range(5):
    for sentence, tags in training_data:
        model.zero_grad()
        sentence_in = torch.tensor([word_to_ix[w] for w in sentence], dtype=torch.long)
        targets = torch.tensor([tag_to_ix[t] for t in tags], dtype=torch.long)
        loss = loss_function(model(sentence_in), targets)
        loss.backward()
        optimizer.step()
results.append(loss.item())
lstm = same(nn.LSTM(3, 3))
inputs = [torch.sin(torch.arange(3).float() + i).view(1, 3) for i in range(5)]
hidden = (torch.zeros(1, 1, 3), torch.ones(1, 1, 3))
for i in inputs:
    out, hidden = lstm(i.view(1, 1, -1), hidden)
results += [out, hidden]
out, hidden = lstm(torch.cat(inputs).view(len(inputs), 1, -1), hidden)
results += [out, hidden[1]]


def argmax(vec):
    _, idx = torch.max(vec, 1)
    return idx.item()


def log_sum_exp(vec):
    max_score = vec[0, argmax(vec)]
    max_score_broadcast = max_score.view(1, -1).expand(1, vec.size()[1])
    return max_score + torch.log(torch.sum(torch.exp(vec - max_score_broadcast)))


transitions = same(nn.Parameter(torch.randn(4, 4)))
transitions.data[0, :] = -10000
transitions.data[:, 1] = -10000
feats = torch.sin(torch.arange(12).float()).view(3, 4).requires_grad_()
forward_var = torch.full((1, 4), -10000.0)
forward_var[0][0] = 0.0
for feat in feats:
    alphas_t = []
    for next_tag in range(4):
        emit_score = feat[next_tag].view(1, -1).expand(1, 4)
        trans_score = transitions[next_tag].view(1, -1)
        next_tag_var = forward_var + trans_score + emit_score
        alphas_t.append(log_sum_exp(next_tag_var).view(1))
    forward_var = torch.cat(alphas_t).view(1, -1)
alpha = log_sum_exp(forward_var + transitions[1])
alpha.backward()
results += [alpha, feats.grad, transitions.grad]

# --- a language model over long texts ----------------------------------------------------------


class RNNModel(nn.Module):
    def __init__(self, rnn_type, ntoken, ninp, nhid, nlayers, dropout=0.0, tie_weights=False):
        super().__init__()
        self.ntoken = ntoken
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        if rnn_type in ["LSTM", "GRU"]:
            self.rnn = getattr(nn, rnn_type)(ninp, nhid, nlayers, dropout=dropout)
        else:
            nonlinearity = {"RNN_TANH": "tanh", "RNN_RELU": "relu"}[rnn_type]
            self.rnn = nn.RNN(ninp, nhid, nlayers, nonlinearity=nonlinearity, dropout=dropout)
        self.decoder = nn.Linear(nhid, ntoken)
        if tie_weights:
            self.decoder.weight = self.encoder.weight
        self.init_weights()
        self.rnn_type, self.nhid, self.nlayers = rnn_type, nhid, nlayers

    def init_weights(self):
        initrange = 0.1
        nn.init.uniform_(self.encoder.weight, -initrange, initrange)
        nn.init.zeros_(self.decoder.bias)
        nn.init.uniform_(self.decoder.weight, -initrange, initrange)

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        output, hidden = self.rnn(emb, hidden)
        output = self.drop(output)
        decoded = self.decoder(output)
        decoded = decoded.view(-1, self.ntoken)
        return F.log_softmax(decoded, dim=1), hidden

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        if self.rnn_type == "LSTM":
            return (
                weight.new_zeros(self.nlayers, bsz, self.nhid),
                weight.new_zeros(self.nlayers, bsz, self.nhid),
            )
        return weight.new_zeros(self.nlayers, bsz, self.nhid)


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    data = data.narrow(0, 0, nbatch * bsz)
    return data.view(bsz, -1).t().contiguous().to("cpu")


def repackage_hidden(h):
    if isinstance(h, torch.Tensor):
        return h.detach()
    return tuple(repackage_hidden(v) for v in h)


def get_batch(source, i, bptt=7):
    seq_len = min(bptt, len(source) - 1 - i)
    data = source[i : i + seq_len]
    target = source[i + 1 : i + 1 + seq_len].view(-1)
    return data, target


train_data = batchify(torch.arange(123) * 5 % 17, 4)
for kind in ("LSTM", "GRU", "RNN_TANH", "RNN_RELU"):
    model = same(RNNModel(kind, 17, 8, 8, 2, tie_weights=True))
    criterion = nn.NLLLoss()
    hidden = model.init_hidden(4)
    for i in range(0, train_data.size(0) - 1, 7):
        data, targets = get_batch(train_data, i)
        model.zero_grad()
        hidden = repackage_hidden(hidden)
        output, hidden = model(data, hidden)
        loss = criterion(output, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-2.0)
    results += [loss.item(), math.exp(loss.item())]

# --- sine waves, with cells --------------------------------------------------------------------


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, 5)
        self.lstm2 = nn.LSTMCell(5, 5)
        self.linear = nn.Linear(5, 1)

    def forward(self, input, future=0):
        outputs = []
        h_t = torch.zeros(input.size(0), 5, dtype=torch.double)
        c_t = torch.zeros(input.size(0), 5, dtype=torch.double)
        h_t2, c_t2 = torch.zeros_like(h_t), torch.zeros_like(c_t)
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


seq = same(Sequence())
seq.double()
wave = torch.sin(torch.arange(24).double().view(3, 8))
criterion, optimizer = nn.MSELoss(), optim.Adagrad(seq.parameters(), lr=0.05)
for _ in range(3):
    optimizer.zero_grad()
    loss = criterion(seq(wave[:, :-1]), wave[:, 1:])
    loss.backward()
    optimizer.step()
    results.append(loss.item())
with torch.no_grad():
    results.append(seq(wave, future=3)[:, -3:])
