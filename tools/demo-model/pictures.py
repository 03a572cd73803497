"""The pictures that SceneDataset wrote, and what they truly show."""

import json
from pathlib import Path
from typing import Iterator, List, NamedTuple, Tuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

LABELS = ["stop sign"]
IGNORED_BELOW = 0.35  # a sign of which less is in the picture is neither asked for nor forbidden
LETTERBOX = 114


class Picture(NamedTuple):
    file: Path
    backdrop: str
    boxes: Tensor  # [signs, 4]: left, top, right, bottom, in pixels
    ignored: Tensor  # [signs], bool


def read(folder: Path) -> List[Picture]:
    pictures = []
    for line in (folder / "objects.jsonl").read_text().splitlines():
        entry = json.loads(line)
        boxes = torch.tensor([sign["box"] for sign in entry["objects"]]).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        visible = torch.tensor([sign["visible"] for sign in entry["objects"]])
        file = folder / entry["file"]
        pictures.append(Picture(file, entry["backdrop"], boxes, visible < IGNORED_BELOW))
    return pictures


def pixels(file: Path) -> Tensor:
    """uint8 [3, H, W]."""
    return torch.from_numpy(np.array(Image.open(file).convert("RGB"))).permute(2, 0, 1)


def letterboxed(file: Path) -> Tuple[Tensor, float, int, int]:
    """float32 [1, 3, H, W], the scale, and the bars to the left and above.

    As the worker does it, but that a picture smaller than the model's 640 is not enlarged.
    """
    image = Image.open(file).convert("RGB")
    scale = min(1, 640 / max(image.size))
    width, height = (round(side * scale) for side in image.size)
    if (width, height) != image.size:
        image = image.resize((width, height), Image.BILINEAR)
    left, top = (-width % 32) // 2, (-height % 32) // 2
    canvas = Image.new("RGB", (width + -width % 32, height + -height % 32), (LETTERBOX,) * 3)
    canvas.paste(image, (left, top))
    return torch.from_numpy(np.array(canvas)).permute(2, 0, 1)[None] / 255, scale, left, top


def batches(pictures: List[Picture], size: int, generator: torch.Generator) -> Iterator[List[Picture]]:
    """All pictures once, shuffled; a last batch that would be smaller is left out."""
    order = torch.randperm(len(pictures), generator=generator).tolist()
    for begin in range(0, len(order) - size + 1, size):
        yield [pictures[i] for i in order[begin : begin + size]]
