"""Trains the demo model and saves it as TorchScript. See README.md."""

import argparse
import json
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from network import STRIDES, Detector, YoloOutput, cell_centres
from pictures import LABELS, Picture, batches, pixels, read

# The sizes of signs (the longer side, in pixels) that each stride is to find; they overlap.
SIZES = {8: (0, 56), 16: (40, 112), 32: (88, math.inf)}


def targets(picture: Picture, height: int, width: int):
    """For each row of the output: the box to predict, or none; and whether the row counts at all."""
    boxes, counts = [], []
    for stride in STRIDES:
        x, y = cell_centres(height // stride, width // stride, stride, torch.empty(0))
        box = torch.full((len(x), 4), math.nan)
        count = torch.ones(len(x), dtype=torch.bool)
        for sign, ignored in zip(picture.boxes, picture.ignored):
            left, top, right, bottom = sign.tolist()
            if ignored:
                count &= ~((x > left) & (x < right) & (y > top) & (y < bottom))
                continue
            low, high = SIZES[stride]
            if low <= max(right - left, bottom - top) < high:
                # The cells about the sign's middle; at least one, however small the sign.
                near_x = max(0.3 * (right - left), 0.51 * stride)
                near_y = max(0.3 * (bottom - top), 0.51 * stride)
                middle = ((x - (left + right) / 2).abs() < near_x) & (
                    (y - (top + bottom) / 2).abs() < near_y
                )
                box[middle] = sign
        boxes.append(box)
        counts.append(count)
    return torch.cat(boxes), torch.cat(counts)


def generalised_iou(a: Tensor, b: Tensor) -> Tensor:
    """Of pairs of boxes (Rezatofighi et al., 2019): IoU, less the share of the hull neither fills."""
    size_a = (a[:, 2:] - a[:, :2]).prod(1)
    size_b = (b[:, 2:] - b[:, :2]).prod(1)
    overlap = (torch.min(a[:, 2:], b[:, 2:]) - torch.max(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    union = size_a + size_b - overlap
    hull = (torch.max(a[:, 2:], b[:, 2:]) - torch.min(a[:, :2], b[:, :2])).prod(1)
    return overlap / union - (hull - union) / hull


def loss(output: Tensor, boxes: Tensor, counts: Tensor) -> Tensor:
    positive = ~boxes[..., 0].isnan() & counts
    number = positive.sum().clamp(min=1)
    logits = output[:, 4]
    presence = F.binary_cross_entropy_with_logits(logits, positive.float(), reduction="none")
    predicted = output[:, :4].transpose(1, 2)[positive]
    location = 1 - generalised_iou(predicted, boxes[positive])
    return (presence[counts].sum() + 2 * location.sum()) / number


def train(folder: Path, epochs: int, batch: int, rate: float, seed: int) -> Detector:
    torch.manual_seed(seed)
    shuffle = torch.Generator().manual_seed(seed)
    detector = Detector(len(LABELS)).to(memory_format=torch.channels_last)
    pictures = read(folder)
    steps = epochs * (len(pictures) // batch)
    optimiser = torch.optim.AdamW(detector.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    began, step, mean = time.monotonic(), 0, 0.0
    for _ in range(epochs):
        for chosen in batches(pictures, batch, shuffle):
            images = torch.stack([pixels(picture.file) for picture in chosen]) / 255
            # Another exposure and white balance each time.
            gain = torch.empty(batch, 3, 1, 1).uniform_(0.8, 1.25, generator=shuffle)
            images = (images * gain).clamp(max=1).to(memory_format=torch.channels_last)
            truth = [targets(picture, *images.shape[2:]) for picture in chosen]
            boxes, counts = (torch.stack(parts) for parts in zip(*truth))
            value = loss(detector(images), boxes, counts)
            optimiser.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(detector.parameters(), 10)
            optimiser.step()
            schedule.step()
            step += 1
            mean += (value.item() - mean) / min(step, 100)
            if step % 100 == 0 or step == steps:
                minutes = (time.monotonic() - began) / 60
                print(f"step {step}/{steps}  loss {mean:.3f}  {minutes:.1f} min", flush=True)
    return detector


def save(detector: Detector, file: Path) -> None:
    """TorchScript with the extra file that Ultralytics' exports have."""
    config = {
        "description": "sh-video's demo model: knows only the STOP sign of the drawn scene",
        "author": "sh-video",
        "stride": max(STRIDES),
        "task": "detect",
        "names": {str(index): label for index, label in enumerate(LABELS)},
        "dynamic": True,
    }
    model = YoloOutput(detector.to(memory_format=torch.contiguous_format)).eval()
    scripted = torch.jit.freeze(torch.jit.script(model))
    scripted.save(str(file), _extra_files={"config.txt": json.dumps(config)})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder that SceneDataset wrote")
    parser.add_argument("model", type=Path, help="file to write")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    trained = train(options.pictures, options.epochs, options.batch, options.rate, options.seed)
    save(trained, options.model)
