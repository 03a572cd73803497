package io.github.spencerpark.jupyter.kernel.display;

import java.util.HashMap;
import java.util.Map;

/** Stands in for the kernel's class of this name: content by MIME type. */
public class DisplayData {
  public final Map<String, Object> content = new HashMap<>();
  public String displayId;

  public void putData(String mimeType, Object data) {
    content.put(mimeType, data);
  }

  public void setDisplayId(String id) {
    displayId = id;
  }
}
