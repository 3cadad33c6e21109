"""Small programs as others write them, on both libraries with the same weights: the same losses.

They are in the manner of PyTorch's tutorials and examples and of well-known repositories. Where a
program says `torch`, that is the library.
"""

import math

import numpy as np
import pytest
from beside import loaded

import minigrad

STEPS = 4


def trained(torch, make, step, lr=0.5):
    """The losses of a few steps of SGD on both libraries. Their models start equal."""
    torch.manual_seed(0)
    theirs = make(torch).double()
    ours = loaded(make(minigrad), theirs)
    losses = []
    for library, model in ((minigrad, ours), (torch, theirs)):
        optimizer, state, found = library.optim.SGD(model.parameters(), lr=lr), None, []
        for k in range(STEPS):
            loss, state = step(library, model, k, state)
            optimizer.zero_grad()
            loss.backward()
            library.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            found.append(loss.item())
        losses.append(found)
    np.testing.assert_allclose(*losses, rtol=1e-9)
    assert losses[0][0] != losses[0][-1]


# --- a character RNN that classifies names -------------------------------------------------------

NAMES = [("kim", 0), ("rossi", 1), ("sato", 2), ("li", 0)]


def classifier(torch, kind):
    nn = torch.nn

    class CharRNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = getattr(nn, kind)(26, 8)
            self.h2o = nn.Linear(8, 3)

        def forward(self, line):
            _, hidden = self.rnn(line)  # line: (letters, 1, 26)
            hidden = hidden[0] if isinstance(hidden, tuple) else hidden
            return self.h2o(hidden[0])

    return CharRNN()


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_classifier_of_names(torch, kind):
    def step(torch, model, k, _):
        name, label = NAMES[k]
        line = torch.zeros(len(name), 1, 26, dtype=torch.float64)
        for i, letter in enumerate(name):
            line[i][0][ord(letter) - ord("a")] = 1
        output = torch.log_softmax(model(line), dim=1)
        return torch.nn.functional.nll_loss(output, torch.tensor([label])), None

    trained(torch, lambda torch: classifier(torch, kind), step)


# --- sequence to sequence: bidirectional encoder, packed sequences, attention --------------------


def encoder(torch):
    nn, rnn = torch.nn, torch.nn.utils.rnn

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(10, 6)
            self.rnn = nn.GRU(6, 5, bidirectional=True)
            self.fc = nn.Linear(10, 7)

        def forward(self, src, src_len):
            embedded = self.embedding(src)  # (source, batch, embedding)
            packed = rnn.pack_padded_sequence(embedded, src_len, enforce_sorted=False)
            outputs, hidden = self.rnn(packed)
            outputs, _ = rnn.pad_packed_sequence(outputs)  # (source, batch, 2 · hidden)
            hidden = torch.tanh(self.fc(torch.cat((hidden[-2, :, :], hidden[-1, :, :]), dim=1)))
            return outputs, hidden  # hidden: (batch, decoder's hidden)

    return Encoder()


def attention(torch):
    nn, F = torch.nn, torch.nn.functional

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.attn = nn.Linear(10 + 7, 7)
            self.v = nn.Linear(7, 1, bias=False)

        def forward(self, hidden, outputs, mask):
            hidden = hidden.unsqueeze(1).expand(-1, outputs.shape[0], -1)
            outputs = outputs.permute(1, 0, 2)  # (batch, source, 2 · hidden)
            energy = torch.tanh(self.attn(torch.cat((hidden, outputs), dim=2)))
            attention = self.v(energy).squeeze(2).masked_fill(mask == 0, -1e10)
            return F.softmax(attention, dim=1)  # (batch, source)

    return Attention()


def decoder(torch):
    nn = torch.nn

    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = attention(torch)
            self.embedding = nn.Embedding(9, 6)
            self.rnn = nn.GRU(10 + 6, 7)
            self.fc_out = nn.Linear(10 + 7 + 6, 9)

        def forward(self, word, hidden, outputs, mask):
            embedded = self.embedding(word.unsqueeze(0))  # (1, batch, embedding)
            a = self.attention(hidden, outputs, mask).unsqueeze(1)
            weighted = (a @ outputs.permute(1, 0, 2)).permute(1, 0, 2)  # (1, batch, 2 · hidden)
            both = torch.cat((embedded, weighted), dim=2)
            output, hidden = self.rnn(both, hidden.unsqueeze(0))
            parts = output.squeeze(0), weighted.squeeze(0), embedded.squeeze(0)
            return self.fc_out(torch.cat(parts, dim=1)), hidden.squeeze(0)

    return Decoder()


def seq2seq(torch):
    nn = torch.nn

    class Seq2Seq(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = encoder(torch), decoder(torch)

        def forward(self, src, src_len, trg):
            outputs, hidden = self.encoder(src, src_len)
            mask = (src != 0).permute(1, 0)
            logits = []
            for t in range(1, trg.shape[0]):
                output, hidden = self.decoder(trg[t - 1], hidden, outputs, mask)
                logits.append(output)
            return torch.stack(logits)  # (target - 1, batch, words)

    return Seq2Seq()


def test_translation_with_packed_sequences_and_attention(torch):
    src = np.array([[2, 2, 2], [5, 4, 7], [6, 3, 3], [0, 3, 8], [0, 0, 3]])
    trg = np.array([[2, 2, 2], [4, 7, 8], [3, 5, 3], [0, 3, 0]])

    def step(torch, model, k, _):
        logits = model(torch.tensor(src), torch.tensor([3, 4, 5]), torch.tensor(trg))
        target = torch.tensor(trg)[1:].reshape(-1)
        criterion = torch.nn.CrossEntropyLoss(ignore_index=0)
        return criterion(logits.reshape(-1, logits.shape[-1]), target), None

    trained(torch, seq2seq, step)


# --- a language model with truncated backpropagation through time --------------------------------


def language_model(torch, kind):
    nn = torch.nn

    class RNNModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.0)
            self.encoder = nn.Embedding(11, 6)
            self.rnn = getattr(nn, kind)(6, 6, 2, dropout=0.0)
            self.decoder = nn.Linear(6, 11)
            self.decoder.weight = self.encoder.weight  # tied

        def forward(self, input, hidden):
            emb = self.drop(self.encoder(input))  # (time, batch, embedding)
            output, hidden = self.rnn(emb, hidden)
            decoded = self.decoder(self.drop(output)).view(-1, 11)
            return torch.log_softmax(decoded, dim=1), hidden

        def init_hidden(self, batch):
            weight = next(self.parameters())
            zeros = torch.zeros(2, batch, 6, dtype=weight.dtype)
            return (zeros, zeros.clone()) if kind == "LSTM" else zeros

    return RNNModel()


def detached(hidden):
    """The hidden states without their history."""
    if isinstance(hidden, tuple):
        return tuple(detached(state) for state in hidden)
    return hidden.detach()


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_language_model_whose_states_are_detached(torch, kind):
    text = np.random.default_rng(0).integers(11, size=(STEPS * 5 + 1, 3))

    def step(torch, model, k, hidden):
        data = torch.tensor(text[5 * k : 5 * k + 5])
        targets = torch.tensor(text[5 * k + 1 : 5 * k + 6]).reshape(-1)
        hidden = model.init_hidden(3) if hidden is None else detached(hidden)
        output, hidden = model(data, hidden)
        return torch.nn.functional.nll_loss(output, targets), hidden

    trained(torch, lambda torch: language_model(torch, kind), step)


# --- a Transformer encoder as a language model ---------------------------------------------------


def transformer_model(torch, batch_first):
    nn = torch.nn

    class PositionalEncoding(nn.Module):
        def __init__(self, d_model, max_len=50):
            super().__init__()
            position = torch.arange(max_len).unsqueeze(1)
            div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
            angles = position * div_term  # (positions, d_model / 2)
            waves = np.stack([np.sin(angles.numpy()), np.cos(angles.numpy())], -1)
            self.register_buffer("pe", torch.tensor(waves.reshape(max_len, 1, d_model)))

        def forward(self, x):
            return x + self.pe[: x.size(0)]

    class TransformerModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.pos_encoder = PositionalEncoding(8)
            layers = nn.TransformerEncoderLayer(8, 2, 12, 0.0, batch_first=batch_first)
            self.transformer_encoder = nn.TransformerEncoder(layers, 2, enable_nested_tensor=False)
            self.embedding = nn.Embedding(11, 8)
            self.linear = nn.Linear(8, 11)

        def forward(self, src, src_mask=None):
            src = self.embedding(src) * math.sqrt(8)
            src = self.pos_encoder(src)  # (time, batch, d_model)
            if src_mask is None:
                src_mask = nn.Transformer.generate_square_subsequent_mask(len(src)).double()
            src = src.transpose(0, 1) if batch_first else src
            output = self.transformer_encoder(src, src_mask)
            return self.linear(output.transpose(0, 1) if batch_first else output)

    return TransformerModel()


@pytest.mark.parametrize("batch_first", [False, True])
def test_a_transformer_as_a_language_model(torch, batch_first):
    text = np.random.default_rng(0).integers(11, size=(7, 4))

    def step(torch, model, k, _):
        output = model(torch.tensor(text[:-1]))  # (time, batch, words)
        target = torch.tensor(text[1:]).reshape(-1)
        return torch.nn.functional.cross_entropy(output.reshape(-1, 11), target), None

    trained(torch, lambda torch: transformer_model(torch, batch_first), step)


def test_a_transformer_that_translates(torch):
    """nn.Transformer between embeddings, with a causal mask and padding masks."""
    src = np.array([[1, 4, 5, 2], [1, 6, 2, 0]])
    tgt = np.array([[1, 3, 7, 2], [1, 8, 2, 0]])

    def make(torch):
        nn = torch.nn

        class Translator(nn.Module):
            def __init__(self):
                super().__init__()
                self.src, self.tgt = nn.Embedding(9, 8), nn.Embedding(9, 8)
                self.transformer = nn.Transformer(8, 2, 1, 1, 12, 0.0, batch_first=True)
                self.generator = nn.Linear(8, 9)

            def forward(self, src, tgt):
                mask = self.transformer.generate_square_subsequent_mask(tgt.shape[1]).double()
                padding = {"src_key_padding_mask": src == 0, "memory_key_padding_mask": src == 0}
                out = self.transformer(self.src(src), self.tgt(tgt), tgt_mask=mask, **padding)
                return self.generator(out)

        return Translator()

    def step(torch, model, k, _):
        logits = model(torch.tensor(src), torch.tensor(tgt[:, :-1]))
        criterion = torch.nn.CrossEntropyLoss(ignore_index=0)
        return criterion(logits.reshape(-1, 9), torch.tensor(tgt[:, 1:]).reshape(-1)), None

    trained(torch, make, step, lr=0.1)
