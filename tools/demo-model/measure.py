"""Measures a model on pictures it has not seen: precision and recall at confidence 0.5, IoU 0.5."""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

import torch
from torch import Tensor

from pictures import letterboxed, read

CONFIDENCE = 0.5
MATCH_IOU = 0.5
NMS_IOU = 0.7


def iou(box: Tensor, others: Tensor) -> Tensor:
    overlap = (torch.min(box[2:], others[:, 2:]) - torch.max(box[:2], others[:, :2])).clamp(min=0)
    overlap = overlap.prod(1)
    union = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(1) - overlap
    return overlap / union


def detect(model, file: Path):
    """Boxes (left, top, right, bottom, in the picture's pixels) and confidences, best first."""
    image, scale, left, top = letterboxed(file)
    with torch.inference_mode():
        rows = model(image)[0].T
    rows = rows[rows[:, 4] >= CONFIDENCE]
    rows = rows[rows[:, 4].argsort(descending=True)]
    centre, size = rows[:, :2] - torch.tensor([left, top]), rows[:, 2:4]
    boxes = torch.cat([centre - size / 2, centre + size / 2], 1) / scale
    kept = []
    for index, box in enumerate(boxes):
        if not kept or iou(box, boxes[kept]).max() <= NMS_IOU:
            kept.append(index)
    return boxes[kept], rows[kept, 4]


def measure(model, folder: Path) -> dict:
    counts = defaultdict(Counter)
    confidences = []
    for picture in read(folder):
        count = counts[picture.backdrop]
        count["pictures"] += 1
        wanted = picture.boxes[~picture.ignored]
        count["signs"] += len(wanted)
        found = torch.zeros(len(wanted), dtype=torch.bool)
        for box, confidence in zip(*detect(model, picture.file)):
            overlap = iou(box, wanted).masked_fill(found, 0) if len(wanted) else torch.zeros(1)
            if overlap.max() >= MATCH_IOU:
                found[overlap.argmax()] = True
                confidences.append(confidence.item())
                count["found"] += 1
            elif not len(picture.boxes) or iou(box, picture.boxes)[picture.ignored].sum() == 0:
                count["false"] += 1
                count["false in empty pictures"] += int(not len(picture.boxes))
    report = {name: summary(count) for name, count in sorted(counts.items())}
    report["all"] = summary(sum(counts.values(), Counter()))
    report["all"]["median confidence"] = round(torch.tensor(confidences).median().item(), 3)
    return report


def summary(count: Counter) -> dict:
    names = ("pictures", "signs", "found", "false", "false in empty pictures")
    detections = count["found"] + count["false"]
    return {name: count[name] for name in names} | {
        "precision": round(count["found"] / max(1, detections), 4),
        "recall": round(count["found"] / max(1, count["signs"]), 4),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+", help="folders that SceneDataset wrote")
    options = parser.parse_args()
    torch.set_num_threads(1)
    loaded = torch.jit.load(str(options.model))
    print(json.dumps({folder.name: measure(loaded, folder) for folder in options.pictures}, indent=2))
