package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.PackageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Takes name and version out of {@code manifest.xml}, the publisher's file of older packages. No XML library: the agent's
 * runtime has none, and three texts do not need one. Document types and entities other than the five of XML are refused or
 * left alone, so nothing is ever expanded or fetched.
 */
public final class ImageManifest {
    public static final String FILE_NAME = "manifest.xml";

    private static final int MAX_DEPTH = 32;

    private ImageManifest() {}

    /** The identity, or nothing where the file does not have all of name space, type and version. */
    public static Optional<PackageIdentity> findIdentity(byte[] xml) {
        Map<String, String> texts = childTexts(decode(xml));
        String namespace = texts.get("ProviderNameSpace");
        String type = texts.get("Type");
        String version = texts.get("Version");
        if (namespace == null || type == null || version == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(PackageIdentity.of(namespace + "." + type, version));
        } catch (PackageException bad) {
            throw ExtensionManifestReader.malformed(FILE_NAME, bad.detail(), bad.hint());
        }
    }

    private static String decode(byte[] xml) {
        if (xml.length >= 2 && (xml[0] & 0xff) == 0xff && (xml[1] & 0xff) == 0xfe) {
            return new String(xml, 2, xml.length - 2, StandardCharsets.UTF_16LE);
        }
        if (xml.length >= 2 && (xml[0] & 0xff) == 0xfe && (xml[1] & 0xff) == 0xff) {
            return new String(xml, 2, xml.length - 2, StandardCharsets.UTF_16BE);
        }
        return new String(xml, StandardCharsets.UTF_8);
    }

    /** The texts of the elements directly below the root element, by local name; the first of each name counts. */
    private static Map<String, String> childTexts(String xml) {
        Map<String, String> texts = new HashMap<>();
        Deque<String> open = new ArrayDeque<>();
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < xml.length()) {
            int tag = xml.indexOf('<', at);
            if (tag < 0) {
                break;
            }
            if (open.size() == 2) {
                text.append(unescaped(xml.substring(at, tag)));
            }
            if (xml.startsWith("<!--", tag)) {
                at = after(xml, "-->", tag + 4);
            } else if (xml.startsWith("<![CDATA[", tag)) {
                int end = after(xml, "]]>", tag + 9);
                if (open.size() == 2) {
                    text.append(xml, tag + 9, end - 3);
                }
                at = end;
            } else if (xml.startsWith("<?", tag)) {
                at = after(xml, "?>", tag + 2);
            } else if (xml.startsWith("<!", tag)) {
                throw ExtensionManifestReader.malformed(FILE_NAME, "it has a document type", "remove the DOCTYPE");
            } else {
                int end = tagEnd(xml, tag);
                String name = localName(xml.substring(tag + 1, end - 1));
                if (name.startsWith("/")) {
                    if (open.isEmpty() || !open.pop().equals(name.substring(1))) {
                        throw ExtensionManifestReader.malformed(FILE_NAME, "<" + name + "> closes nothing", "");
                    }
                    if (open.size() == 1) {
                        texts.putIfAbsent(name.substring(1), text.toString().strip());
                    }
                } else if (xml.charAt(end - 2) != '/') {
                    open.push(name);
                    text.setLength(0);
                }
                if (open.size() > MAX_DEPTH) {
                    throw ExtensionManifestReader.malformed(FILE_NAME, "it is nested too deep", "");
                }
                at = end;
            }
        }
        return texts;
    }

    private static int after(String xml, String mark, int from) {
        int at = xml.indexOf(mark, from);
        if (at < 0) {
            throw ExtensionManifestReader.malformed(FILE_NAME, "a " + mark + " is missing", "");
        }
        return at + mark.length();
    }

    /** The place after the tag's closing bracket; a bracket inside a quoted attribute does not count. */
    private static int tagEnd(String xml, int tag) {
        char quote = 0;
        for (int at = tag + 1; at < xml.length(); at++) {
            char c = xml.charAt(at);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '>') {
                return at + 1;
            }
        }
        throw ExtensionManifestReader.malformed(FILE_NAME, "a tag does not end", "");
    }

    /** The name of a tag without name space prefix and attributes, with the slash of a closing tag. */
    private static String localName(String tag) {
        String slash = tag.startsWith("/") ? "/" : "";
        int start = slash.length();
        int end = start;
        while (end < tag.length() && !Character.isWhitespace(tag.charAt(end)) && tag.charAt(end) != '/') {
            end++;
        }
        String name = tag.substring(start, end);
        return slash + name.substring(name.indexOf(':') + 1);
    }

    private static String unescaped(String text) {
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&amp;", "&");
    }
}
