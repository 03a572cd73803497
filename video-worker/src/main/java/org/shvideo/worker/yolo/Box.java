package org.shvideo.worker.yolo;

/** A rectangle in pixels, edges included as they come from the model: not rounded. */
public record Box(float left, float top, float right, float bottom) {

  /** In a picture that is scaled by this factor. */
  public Box scaled(float factor) {
    return new Box(left * factor, top * factor, right * factor, bottom * factor);
  }

  float area() {
    return Math.max(0, right - left) * Math.max(0, bottom - top);
  }

  /** Intersection over union with the other, 0 to 1; 0 where both are empty. */
  float iou(Box other) {
    float width = Math.min(right, other.right) - Math.max(left, other.left);
    float height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
    float intersection = Math.max(0, width) * Math.max(0, height);
    float union = area() + other.area() - intersection;
    return union > 0 ? intersection / union : 0;
  }
}
