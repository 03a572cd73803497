"""A tiny detector that speaks YOLOv8's language.

Input:  float32 [N, 3, H, W], RGB, 0 to 1, H and W multiples of 32.
Output: float32 [N, 4 + classes, rows]: cx, cy, w, h in input pixels, then each class's probability.
Rows are the cells of the grids of stride 8, 16 and 32, in this order, each grid row by row.
"""

from typing import List

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDES = (8, 16, 32)
WIDTH = 64  # channels of the pyramid


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def separable(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A 3x3 convolution in two cheap steps: each channel by itself, then all channels per pixel."""
    return nn.Sequential(conv(inputs, inputs, 3, stride, groups=inputs), conv(inputs, outputs, 1))


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.body = separable(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def stage(inputs: int, outputs: int, blocks: int) -> nn.Sequential:
    """Halves the picture."""
    return nn.Sequential(separable(inputs, outputs, 2), *[Residual(outputs) for _ in range(blocks)])


def cell_centres(rows: int, columns: int, stride: int, like: Tensor) -> List[Tensor]:
    """x and y, in input pixels, of the cells of one grid, row by row."""
    y = (torch.arange(rows, dtype=like.dtype, device=like.device) + 0.5) * stride
    x = (torch.arange(columns, dtype=like.dtype, device=like.device) + 0.5) * stride
    return [x.repeat(rows), y.repeat_interleave(columns)]


class Head(nn.Module):
    """Turns one level of the pyramid into rows.

    Each level has its own: in one head for all, batch normalisation would learn from each level's
    statistics apart and then be used with their mean.
    """

    def __init__(self, classes: int, stride: int):
        super().__init__()
        self.stride = stride
        self.body = nn.Sequential(separable(WIDTH, WIDTH), Residual(WIDTH), Residual(WIDTH))
        self.sides = nn.Conv2d(WIDTH, 4, 1)
        self.classes = nn.Conv2d(WIDTH, classes, 1)
        nn.init.constant_(self.sides.bias, 2.0)  # begin with boxes of about four cells
        nn.init.constant_(self.classes.bias, -4.6)  # begin with a probability of 0.01

    def forward(self, level: Tensor) -> Tensor:
        """[N, 4 + classes, cells]: left, top, right, bottom of the box in input pixels, logits."""
        features = self.body(level)
        logits = self.classes(features)
        sides = F.softplus(self.sides(features)) * self.stride
        left, top, right, bottom = sides.flatten(2).unbind(1)
        x, y = cell_centres(level.shape[2], level.shape[3], self.stride, level)
        box = torch.stack([x - left, y - top, x + right, y + bottom], 1)
        return torch.cat([box, logits.flatten(2)], 1)


class Detector(nn.Module):
    """Backbone, feature pyramid and a head a level."""

    def __init__(self, classes: int):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, 3, 2), conv(16, 24, 3, 2))
        self.stage8 = stage(24, 48, 2)
        self.stage16 = stage(48, 80, 2)
        self.stage32 = stage(80, 128, 2)
        self.lateral8 = conv(48, WIDTH, 1)
        self.lateral16 = conv(80, WIDTH, 1)
        self.lateral32 = conv(128, WIDTH, 1)
        self.head8 = Head(classes, 8)
        self.head16 = Head(classes, 16)
        self.head32 = Head(classes, 32)

    def forward(self, x: Tensor) -> Tensor:
        c8 = self.stage8(self.stem(x))
        c16 = self.stage16(c8)
        c32 = self.stage32(c16)
        p32 = self.lateral32(c32)
        p16 = self.lateral16(c16) + F.interpolate(p32, scale_factor=2.0, mode="nearest")
        p8 = self.lateral8(c8) + F.interpolate(p16, scale_factor=2.0, mode="nearest")
        return torch.cat([self.head8(p8), self.head16(p16), self.head32(p32)], 2)


class YoloOutput(nn.Module):
    """The detector with its corners and logits turned into YOLOv8's centres and probabilities."""

    def __init__(self, detector: Detector):
        super().__init__()
        self.detector = detector

    def forward(self, x: Tensor) -> Tensor:
        rows = self.detector(x)
        low, high, logits = rows[:, :2], rows[:, 2:4], rows[:, 4:]
        return torch.cat([(low + high) / 2, high - low, logits.sigmoid()], 1)
