package dev.vmext.agent.process;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what the kernel and the shell say about use. Pure; what cannot be read is zero. */
final class Usages {
    /** {@code 0m1.234s}: times of the shell, and of all that it waited for. */
    private static final Pattern SHELL_TIME = Pattern.compile("([0-9]+)m([0-9]+)[.,]([0-9]+)s");

    private Usages() {}

    /**
     * From the files of a control group.
     *
     * @param files a file's content by its name, empty when there is none
     */
    static Measured ofGroup(UnaryOperator<String> files) {
        return new Measured(
                true,
                fields(files.apply("cpu.stat")).getOrDefault("usage_usec", 0L) / 1000,
                Math.max(number(files.apply("memory.peak")), number(files.apply("memory.current"))) >> 10,
                tasks(Math.max(number(files.apply("pids.peak")), number(files.apply("pids.current")))),
                fields(files.apply("memory.events")).getOrDefault("oom_kill", 0L),
                fields(files.apply("pids.events")).getOrDefault("max", 0L));
    }

    /**
     * From what run-handler wrote before it ended: two lines of {@code times}, then lines of the group's files, each with the file's
     * name before it.
     */
    static Measured ofRun(String text) {
        Map<String, StringBuilder> files = new HashMap<>();
        long shell = 0;
        for (String line : text.split("\n", -1)) {
            int blank = line.indexOf(' ');
            Matcher time = SHELL_TIME.matcher(line);
            if (blank > 0 && line.lastIndexOf('.', blank) > 0 && !time.find()) {
                files.computeIfAbsent(line.substring(0, blank), name -> new StringBuilder())
                        .append(line.substring(blank + 1))
                        .append('\n');
            } else {
                time.reset();
                while (time.find()) {
                    shell += millis(time);
                }
            }
        }
        if (files.isEmpty()) {
            return new Measured(false, shell, 0, 0, 0, 0);
        }
        return ofGroup(name -> files.getOrDefault(name, new StringBuilder()).toString());
    }

    private static long millis(Matcher time) {
        String fraction = (time.group(3) + "000").substring(0, 3);
        return (number(time.group(1)) * 60 + number(time.group(2))) * 1000 + number(fraction);
    }

    private static Map<String, Long> fields(String text) {
        Map<String, Long> fields = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                fields.put(line.substring(0, blank), number(line.substring(blank + 1)));
            }
        }
        return fields;
    }

    private static long number(String text) {
        String digits = text.strip();
        return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : 0;
    }

    private static int tasks(long number) {
        return Math.toIntExact(Math.min(Integer.MAX_VALUE, number));
    }
}
