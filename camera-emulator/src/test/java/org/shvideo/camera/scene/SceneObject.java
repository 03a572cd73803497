package org.shvideo.camera.scene;

import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.Optional;

/**
 * The ground truth of one object: its visible part, in pixels of the picture.
 *
 * @param label of COCO
 * @param x of the left edge
 * @param y of the upper edge
 * @param visible the share of the object that is inside the picture, above 0 to 1
 */
record SceneObject(String label, double x, double y, double width, double height, double visible) {
  /** The objects in a frame of the scene: none, or the visible part of the sign. */
  static List<SceneObject> in(Scene scene, int frame) {
    Rectangle2D picture = new Rectangle2D.Double(0, 0, scene.width(), scene.height());
    return scene.sign(frame).flatMap(sign -> inside(picture, Scene.LABEL, sign)).stream().toList();
  }

  /** The part of an object that is inside the picture, if any. */
  static Optional<SceneObject> inside(Rectangle2D picture, String label, Rectangle2D whole) {
    Rectangle2D part = whole.createIntersection(picture);
    if (part.isEmpty()) {
      return Optional.empty();
    }
    double visible =
        picture.contains(whole)
            ? 1
            : part.getWidth() * part.getHeight() / (whole.getWidth() * whole.getHeight());
    return Optional.of(
        new SceneObject(
            label, part.getX(), part.getY(), part.getWidth(), part.getHeight(), visible));
  }
}
