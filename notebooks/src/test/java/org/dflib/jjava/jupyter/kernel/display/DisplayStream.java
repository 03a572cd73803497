package org.dflib.jjava.jupyter.kernel.display;

import java.util.ArrayList;
import java.util.List;

/** Stands in for what the kernel calls so or alike; keeps what it is given. */
public class DisplayStream {
  public final List<DisplayData> shown = new ArrayList<>();
  public final List<String> updated = new ArrayList<>();

  public void display(DisplayData data) {
    shown.add(data);
  }

  public void updateDisplay(String id, DisplayData data) {
    updated.add(id);
    shown.add(data);
  }
}
