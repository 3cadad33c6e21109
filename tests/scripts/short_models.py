"""In the manner of a collection of short models: embeddings, TextCNN, LSTMs, attention, BERT."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.autograd import Variable

dtype = torch.FloatTensor
sentences = ["i like dog", "i love coffee", "i hate milk"]
word_list = " ".join(sentences).split()
word_list = sorted(set(word_list))
word_dict = {w: i for i, w in enumerate(word_list)}
number_dict = {i: w for i, w in enumerate(word_list)}
n_class = len(word_dict)

# --- NNLM --------------------------------------------------------------------------------------

n_step, n_hidden, m = 2, 4, 3


def make_batch():
    input_batch, target_batch = [], []
    for sen in sentences:
        word = sen.split()
        input_batch.append([word_dict[n] for n in word[:-1]])
        target_batch.append(word_dict[word[-1]])
    return input_batch, target_batch


class NNLM(nn.Module):
    def __init__(self):
        super(NNLM, self).__init__()  # noqa: UP008
        self.C = nn.Embedding(n_class, m)
        self.H = nn.Parameter(torch.randn(n_step * m, n_hidden).type(dtype))
        self.W = nn.Parameter(torch.randn(n_step * m, n_class).type(dtype))
        self.d = nn.Parameter(torch.randn(n_hidden).type(dtype))
        self.U = nn.Parameter(torch.randn(n_hidden, n_class).type(dtype))
        self.b = nn.Parameter(torch.randn(n_class).type(dtype))

    def forward(self, X):
        X = self.C(X)
        X = X.view(-1, n_step * m)
        tanh = torch.tanh(self.d + torch.mm(X, self.H))
        return self.b + torch.mm(X, self.W) + torch.mm(tanh, self.U)


model = same(NNLM())
criterion, optimizer = nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.01)
input_batch, target_batch = make_batch()
input_batch = Variable(torch.LongTensor(input_batch))
target_batch = Variable(torch.LongTensor(target_batch))
for epoch in range(10):
    optimizer.zero_grad()
    output = model(input_batch)
    loss = criterion(output, target_batch)
    if (epoch + 1) % 5 == 0:
        results.append("Epoch: %04d cost = %s" % (epoch + 1, "{:.4f}".format(loss)))  # noqa: UP031, UP032
    loss.backward()
    optimizer.step()
predict = model(input_batch).data.max(1, keepdim=True)[1]
results.append([number_dict[n.item()] for n in predict.squeeze()])

# --- word2vec ----------------------------------------------------------------------------------


class Word2Vec(nn.Module):
    def __init__(self, voc_size):
        super().__init__()
        self.W = nn.Linear(voc_size, 2, bias=False)
        self.WT = nn.Linear(2, voc_size, bias=False)

    def forward(self, X):
        return self.WT(self.W(X))


model = same(Word2Vec(n_class))
optimizer = optim.SGD(model.parameters(), lr=0.1)
inputs, labels = np.eye(n_class)[[0, 1, 2]], [3, 4, 5]
for _ in range(5):
    input_batch, target_batch = torch.Tensor(inputs), torch.LongTensor(labels)
    optimizer.zero_grad()
    loss = criterion(model(input_batch), target_batch)
    loss.backward()
    optimizer.step()
W, WT = model.parameters()
results += [loss.item(), W[0][1].item(), float(W[1][0])]

# --- TextCNN -----------------------------------------------------------------------------------

embedding_size, sequence_length, num_classes, filter_sizes, num_filters = 4, 6, 2, [2, 2, 3], 3


class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_filters_total = num_filters * len(filter_sizes)
        self.W = nn.Embedding(n_class, embedding_size)
        self.Weight = nn.Linear(self.num_filters_total, num_classes, bias=False)
        self.Bias = nn.Parameter(torch.ones([num_classes]))
        self.filter_list = nn.ModuleList(
            [nn.Conv2d(1, num_filters, (size, embedding_size)) for size in filter_sizes]
        )

    def forward(self, X):
        embedded_chars = self.W(X).unsqueeze(1)
        pooled_outputs = []
        for i, conv in enumerate(self.filter_list):
            h = F.relu(conv(embedded_chars))
            mp = nn.MaxPool2d((sequence_length - filter_sizes[i] + 1, 1))
            pooled_outputs.append(mp(h).permute(0, 3, 2, 1))
        h_pool = torch.cat(pooled_outputs, len(filter_sizes))
        h_pool_flat = torch.reshape(h_pool, [-1, self.num_filters_total])
        return self.Weight(h_pool_flat) + self.Bias


model = same(TextCNN())
optimizer = optim.Adam(model.parameters(), lr=0.01)
inputs = torch.LongTensor([np.asarray([(i + j) % n_class for j in range(6)]) for i in range(4)])
targets = torch.LongTensor([out for out in [1, 0, 1, 0]])
for _ in range(5):
    optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    loss.backward()
    optimizer.step()
results += [loss.item(), model(inputs).data.max(1, keepdim=True)[1]]


# the one with a list of convolutions and a max over time
class CNN_Text(nn.Module):
    def __init__(self, V=7, D=4, C=2, Co=3, Ks=(2, 3)):
        super().__init__()
        self.embed = nn.Embedding(V, D)
        self.convs = nn.ModuleList([nn.Conv2d(1, Co, (K, D)) for K in Ks])
        self.dropout = nn.Dropout(0.0)
        self.fc1 = nn.Linear(len(Ks) * Co, C)

    def forward(self, x):
        x = self.embed(x).unsqueeze(1)
        x = [F.relu(conv(x)).squeeze(3) for conv in self.convs]
        x = [F.max_pool1d(i, i.size(2)).squeeze(2) for i in x]
        x = torch.cat(x, 1)
        return self.fc1(self.dropout(x))


model = same(CNN_Text())
logit = model(inputs % 7)
loss = F.cross_entropy(logit, targets)
loss.backward()
corrects = (torch.max(logit, 1)[1].view(targets.size()).data == targets.data).sum()
results += [loss.item(), corrects, model.embed.weight.grad]

# --- TextRNN, TextLSTM, bidirectional with attention -------------------------------------------


class TextRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(input_size=n_class, hidden_size=5)
        self.W = nn.Linear(5, n_class, bias=False)
        self.b = nn.Parameter(torch.ones([n_class]))

    def forward(self, hidden, X):
        X = X.transpose(0, 1)
        outputs, hidden = self.rnn(X, hidden)
        outputs = outputs[-1]
        return self.W(outputs) + self.b


model = same(TextRNN())
optimizer = optim.Adam(model.parameters(), lr=0.01)
input_batch = torch.FloatTensor([np.eye(n_class)[[0, 1]], np.eye(n_class)[[2, 3]]])
for _ in range(3):
    optimizer.zero_grad()
    hidden = torch.zeros(1, 2, 5)
    loss = criterion(model(hidden, input_batch), torch.LongTensor([2, 4]))
    loss.backward()
    optimizer.step()
results.append(loss.item())


class BiLSTM_Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(n_class, embedding_size)
        self.lstm = nn.LSTM(embedding_size, 5, bidirectional=True)
        self.out = nn.Linear(10, num_classes)

    def attention_net(self, lstm_output, final_state):
        hidden = final_state.view(-1, 5 * 2, 1)
        attn_weights = torch.bmm(lstm_output, hidden).squeeze(2)
        soft_attn_weights = F.softmax(attn_weights, 1)
        context = torch.bmm(lstm_output.transpose(1, 2), soft_attn_weights.unsqueeze(2)).squeeze(2)
        return context, soft_attn_weights.data.numpy()

    def forward(self, X):
        input = self.embedding(X)
        input = input.permute(1, 0, 2)
        hidden_state = torch.zeros(1 * 2, len(X), 5)
        cell_state = torch.zeros(1 * 2, len(X), 5)
        output, (final_hidden, final_cell) = self.lstm(input, (hidden_state, cell_state))
        output = output.permute(1, 0, 2)
        attn_output, attention = self.attention_net(output, final_hidden)
        return self.out(attn_output), attention


model = same(BiLSTM_Attention())
optimizer = optim.Adam(model.parameters(), lr=0.01)
for _ in range(4):
    optimizer.zero_grad()
    output, attention = model(inputs % n_class)
    loss = criterion(output, targets)
    loss.backward()
    optimizer.step()
results += [loss.item(), attention]

# --- Seq2Seq with attention --------------------------------------------------------------------


class SmallAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc_cell = nn.RNN(input_size=n_class, hidden_size=6, dropout=0.0)
        self.dec_cell = nn.RNN(input_size=n_class, hidden_size=6, dropout=0.0)
        self.attn = nn.Linear(6, 6)
        self.out = nn.Linear(6 * 2, n_class)

    def forward(self, enc_inputs, hidden, dec_inputs):
        enc_inputs = enc_inputs.transpose(0, 1)
        dec_inputs = dec_inputs.transpose(0, 1)
        enc_outputs, enc_hidden = self.enc_cell(enc_inputs, hidden)
        trained_attn = []
        hidden = enc_hidden
        n_step = len(dec_inputs)
        model = torch.empty([n_step, 1, n_class])
        for i in range(n_step):
            dec_output, hidden = self.dec_cell(dec_inputs[i].unsqueeze(0), hidden)
            attn_weights = self.get_att_weight(dec_output, enc_outputs)
            trained_attn.append(attn_weights.squeeze().data.numpy())
            context = attn_weights.bmm(enc_outputs.transpose(0, 1))
            dec_output = dec_output.squeeze(0)
            context = context.squeeze(1)
            model[i] = self.out(torch.cat((dec_output, context), 1))
        return model.transpose(0, 1).squeeze(0), trained_attn

    def get_att_weight(self, dec_output, enc_outputs):
        n_step = len(enc_outputs)
        attn_scores = torch.zeros(n_step)
        for i in range(n_step):
            attn_scores[i] = self.get_att_score(dec_output, enc_outputs[i])
        return F.softmax(attn_scores, dim=0).view(1, 1, -1)

    def get_att_score(self, dec_output, enc_output):
        score = self.attn(enc_output)
        return torch.dot(dec_output.view(-1), score.view(-1))


model = same(SmallAttention())
optimizer = optim.Adam(model.parameters(), lr=0.01)
enc, dec = (
    torch.FloatTensor([np.eye(n_class)[[0, 1, 2, 3]]]),
    torch.FloatTensor([np.eye(n_class)[[4, 5]]]),
)
for _ in range(4):
    optimizer.zero_grad()
    output, trained_attn = model(enc, torch.zeros(1, 1, 6), dec)
    loss = criterion(output, torch.LongTensor([5, 1]))
    loss.backward()
    optimizer.step()
results += [loss.item(), trained_attn]
