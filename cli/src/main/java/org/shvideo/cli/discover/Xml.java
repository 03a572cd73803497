package org.shvideo.cli.discover;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An element of a document that a stranger wrote: of bounded size and depth, without a DTD and thus
 * without entities of its own. Names are without their namespaces, which some cameras mistake.
 * Immutable.
 *
 * @param text what stands in the element itself, stripped
 */
record Xml(String name, Map<String, String> attributes, String text, List<Xml> children) {
  /** Of a document. An answer with 64 profiles has about 150 KiB. */
  static final int MAX_BYTES = 1 << 18;

  private static final int MAX_DEPTH = 40;

  /**
   * Reads a document.
   *
   * @throws IOException also if it is no XML, too large, too deep, or has a DTD
   */
  static Xml read(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw new IOException("its answer has more than %d KiB".formatted(MAX_BYTES >> 10));
    }
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(bytes));
      while (reader.next() != XMLStreamConstants.START_ELEMENT) {
        if (reader.getEventType() == XMLStreamConstants.DTD) {
          throw new IOException("its answer has a DTD");
        }
      }
      return element(reader, 1);
    } catch (XMLStreamException | RuntimeException e) { // the parser has thrown others, too
      throw new IOException("its answer is no XML", e);
    }
  }

  private static Xml element(XMLStreamReader reader, int depth)
      throws XMLStreamException, IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("its answer is nested too deep");
    }
    String name = reader.getLocalName();
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
    }
    StringBuilder text = new StringBuilder();
    List<Xml> children = new ArrayList<>();
    for (int event = reader.next();
        event != XMLStreamConstants.END_ELEMENT;
        event = reader.next()) {
      if (event == XMLStreamConstants.START_ELEMENT) {
        children.add(element(reader, depth + 1));
      } else if (reader.isCharacters()) {
        text.append(reader.getText());
      }
    }
    return new Xml(name, Map.copyOf(attributes), text.toString().strip(), List.copyOf(children));
  }

  /** All elements of a name below this one, in the order of the document. */
  Stream<Xml> all(String wanted) {
    return children.stream()
        .flatMap(
            child ->
                Stream.concat(
                    child.name.equals(wanted) ? Stream.of(child) : Stream.empty(),
                    child.all(wanted)));
  }

  /** The text of the first element at a path of names, each somewhere below the one before. */
  String text(String... path) {
    Stream<Xml> at = Stream.of(this);
    for (String name : path) {
      at = at.flatMap(element -> element.all(name));
    }
    return at.map(Xml::text).findFirst().orElse("");
  }
}
