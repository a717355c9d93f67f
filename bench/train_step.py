"""The twin of bench/train-step.ts: the same step of training in PyTorch, on the same shapes. Prints the same JSON.

Attention and features are computed as the reference code does: one attention pass serves the draw and the gradient.
Written for PyTorch 1.13; run by `npm run bench:train`.
"""

import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import nn

BATCH, PLACES, CLASSES = 16, 10, 10
LOW, HIGH, PATCH = 180, 1500, 50
SMOOTHING, ENTROPY, CLIP, RATE = 1e-5, 1e-4, 1.0, 1e-3


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.Tanh(), nn.Conv2d(8, 8, 3, padding=1), nn.Tanh(), nn.Conv2d(8, 1, 3, padding=1)
        )

    def forward(self, low):
        logits = self.layers(low).flatten(1)  # [B, h·w]
        return torch.softmax(logits, 1) * (1 - SMOOTHING) + SMOOTHING / logits.shape[1]


class Feature(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 7), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU()
        )

    def forward(self, patches):
        return F.normalize(self.layers(patches).amax((2, 3)), dim=1)  # [B·N, D]


def draw(attention):
    """Gumbel-top-N and the probabilities of inclusion given the threshold: no gradient flows through either."""
    with torch.no_grad():
        logs = attention.log()
        keys, cells = (logs - torch.log(-torch.log(torch.rand_like(logs)))).topk(PLACES + 1)
        cells = cells[:, :PLACES]
        inclusion = -torch.expm1(-torch.exp(logs.gather(1, cells) - keys[:, PLACES:]))
    return cells, inclusion


def cut(high, cells):
    scale = HIGH / LOW
    patches = []
    for scene, of in zip(high, cells.tolist()):
        for cell in of:
            y, x = ((at + 0.5) * scale - PATCH / 2 for at in divmod(cell, LOW))
            y, x = (min(max(round(at), 0), HIGH - PATCH) for at in (y, x))
            patches.append(scene[y : y + PATCH, x : x + PATCH])
    return torch.stack(patches).unsqueeze(1).float() / 255  # [B·N, 1, P, P]


def main():
    parser = argparse.ArgumentParser()
    for name in ("threads", "steps", "warm-up"):
        parser.add_argument("--" + name, type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    low = torch.randint(256, (BATCH, LOW, LOW), dtype=torch.uint8)
    high = torch.randint(256, (BATCH, HIGH, HIGH), dtype=torch.uint8)
    labels = torch.arange(BATCH) % CLASSES
    attention, feature, head = Attention(), Feature(), nn.Linear(32, CLASSES)
    parts = nn.ModuleList([attention, feature, head])
    optimizer = torch.optim.Adam(parts.parameters(), RATE)

    def step():
        shares = attention(low.unsqueeze(1).float() / 255)
        cells, inclusion = draw(shares)
        features = feature(cut(high, cells)).view(BATCH, PLACES, -1)
        weights = torch.softmax(shares.gather(1, cells).log() - inclusion.log(), 1)
        logits = head((weights.unsqueeze(2) * features).sum(1))
        entropy = -(shares * shares.log()).sum(1).mean()
        loss = F.cross_entropy(logits, labels) - ENTROPY * entropy
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parts.parameters(), CLIP)
        optimizer.step()
        return loss.item()

    milliseconds, cpu_milliseconds, losses = [], [], []
    for _ in range(options.warm_up + options.steps):
        start, used = time.perf_counter(), time.process_time()
        losses.append(step())
        milliseconds.append((time.perf_counter() - start) * 1000)
        cpu_milliseconds.append((time.process_time() - used) * 1000)
    print(
        json.dumps(
            {
                "engine": "PyTorch " + torch.__version__,
                "parameters": sum(p.numel() for p in parts.parameters()),
                "milliseconds": milliseconds[options.warm_up :],
                "cpuMilliseconds": cpu_milliseconds[options.warm_up :],
                "losses": [losses[0], losses[-1]],
            }
        )
    )


main()
