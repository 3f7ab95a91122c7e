package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.coordinator.report.Summary;
import com.fasterxml.jackson.databind.JsonNode;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGSyntax;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws a sweep's curves, each as SVG and as PNG. */
public final class SweepPlots {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 560;
    /** How far curves stand from one another, in doublings. */
    private static final double SHIFT = 0.04;

    /** Told apart also by people who see fewer colours: Okabe and Ito's. */
    private static final Color[] COLOURS = {
        new Color(0x0072B2),
        new Color(0xD55E00),
        new Color(0x009E73),
        new Color(0xCC79A7),
        new Color(0xE69F00),
        new Color(0x56B4E9),
        new Color(0x000000)
    };

    /** About how wide the plot itself is, beside its legend. */
    private static final double PLOT_WIDTH = 620;

    private static final double MANY_DOUBLINGS = 12;
    private static final double LOG_2 = Math.log(2);
    private static final double FLOPS_A_GFLOP = 1e9;
    /** What is less is drawn as that. */
    private static final double LEAST = 1e-3;

    private SweepPlots() {}

    /**
     * @param folder that the files go into
     * @return the files without their ending
     * @throws CommandFailure if they cannot be written, or the machine has no fonts to write with
     */
    public static List<Path> draw(Path folder, JsonNode manifest, Summary summary) {
        System.setProperty("java.awt.headless", "true");
        var name = manifest.path("sweep").path("name").asText("sweep");
        var drawn = new ArrayList<Path>();
        try {
            Files.createDirectories(folder);
            var byBudget = accuracy(name, "generations", summary, row -> log2(row.budget()));
            references(byBudget, manifest, summary);
            drawn.add(save(folder.resolve("accuracy-budget"), byBudget));
            drawn.add(save(
                    folder.resolve("accuracy-tokens"),
                    accuracy(
                            name,
                            "tokens a problem, policy and PRM",
                            summary,
                            row -> log2(row.tokens().policy() + row.tokens().prm()))));
            if (!summary.rows().isEmpty()
                    && summary.rows().stream().allMatch(row -> row.slotSeconds() != null && row.slotSeconds() > 0)) {
                drawn.add(save(
                        folder.resolve("accuracy-slots"),
                        accuracy(name, "slot-seconds a problem", summary, row -> log2(row.slotSeconds()))));
            }
            if (!summary.rows().isEmpty()
                    && summary.rows().stream().allMatch(row -> row.flops() != null && row.flops() > 0)) {
                drawn.add(save(
                        folder.resolve("accuracy-flops"),
                        accuracy(name, "GFLOPs a problem", summary, row -> log2(row.flops() / FLOPS_A_GFLOP))));
            }
            var rounds = rounds(name, summary);
            if (!rounds.getSeriesMap().isEmpty()) {
                drawn.add(save(folder.resolve("rounds"), rounds));
            }
            return drawn;
        } catch (IOException failed) {
            throw CommandFailure.unavailable("the plots must be writable: " + failed);
        } catch (LinkageError | InternalError fontless) {
            throw CommandFailure.unavailable("plots need a font to write with, of the package fontconfig: " + fontless);
        }
    }

    private static XYChart accuracy(
            String name, String axis, Summary summary, ToDoubleFunction<Summary.Row> logarithm) {
        var chart = chart(name, axis + " (logarithmic)", "accuracy");
        var places = summary.rows().stream().mapToDouble(logarithm).summaryStatistics();
        chart.getStyler().setXAxisTickMarkSpacingHint(spacing(places.getMax() - places.getMin()));
        chart.getStyler().setxAxisTickLabelsFormattingFunction(value -> label(Math.pow(2, value)));
        var all = bySeries(summary);
        int index = 0;
        for (var entry : all.entrySet()) {
            double shift = (index - (all.size() - 1) / 2.0) * SHIFT;
            var colour = COLOURS[index++ % COLOURS.length];
            draw(chart, entry.getKey(), entry.getValue(), row -> logarithm.applyAsDouble(row) + shift, colour);
        }
        return chart;
    }

    /** A curve, and an upright line for each interval, moved a little aside so that those of other curves stay visible. */
    private static void draw(
            XYChart chart, String name, List<Summary.Row> rows, ToDoubleFunction<Summary.Row> place, Color colour) {
        var sorted = rows.stream()
                .sorted((one, other) -> Double.compare(place.applyAsDouble(one), place.applyAsDouble(other)))
                .toList();
        var curve = chart.addSeries(
                name,
                sorted.stream().mapToDouble(place).toArray(),
                sorted.stream().mapToDouble(row -> row.accuracy().estimate()).toArray());
        curve.setMarkerColor(colour);
        curve.setLineColor(colour);
        for (var row : sorted) {
            double x = place.applyAsDouble(row);
            var interval = chart.addSeries(name + " at " + row.budget(), new double[] {x, x}, new double[] {
                row.accuracy().low(), row.accuracy().high()
            });
            interval.setMarker(SeriesMarkers.NONE).setLineColor(colour).setLineStyle(new BasicStroke(1f));
            interval.setShowInLegend(false);
        }
    }

    /** A line for each accuracy known from elsewhere. */
    private static void references(XYChart chart, JsonNode manifest, Summary summary) {
        double least = Math.log(summary.rows().stream()
                        .mapToInt(Summary.Row::budget)
                        .min()
                        .orElse(1))
                / LOG_2;
        double most = Math.log(summary.rows().stream()
                        .mapToInt(Summary.Row::budget)
                        .max()
                        .orElse(1))
                / LOG_2;
        for (var reference : manifest.path("sweep").path("references")) {
            double accuracy = reference.path("accuracy").asDouble();
            var line = chart.addSeries(
                    reference.path("name").asText(), new double[] {least, most}, new double[] {accuracy, accuracy});
            line.setMarker(SeriesMarkers.NONE)
                    .setLineColor(Color.GRAY)
                    .setLineStyle(new BasicStroke(
                            1f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1f, new float[] {4f, 4f}, 0f));
        }
    }

    /** How evenly the weight lies, and how many particles have offspring, at the largest budget of each series. */
    private static XYChart rounds(String name, Summary summary) {
        var chart = chart(name, "round", "share of the particles");
        bySeries(summary).forEach((series, rows) -> {
            var row = rows.getLast();
            if (row.rounds().size() > 1) {
                var x = new double[row.rounds().size()];
                var ess = new double[x.length];
                var diversity = new double[x.length];
                for (int round = 0; round < x.length; round++) {
                    x[round] = round;
                    ess[round] = row.rounds().get(round).essShare();
                    diversity[round] = row.rounds().get(round).ancestorShare();
                }
                chart.addSeries(series + ": effective sample size", x, ess).setMarker(SeriesMarkers.NONE);
                chart.addSeries(series + ": distinct ancestors", x, diversity).setMarker(SeriesMarkers.NONE);
            }
        });
        return chart;
    }

    private static Map<String, List<Summary.Row>> bySeries(Summary summary) {
        var series = new LinkedHashMap<String, List<Summary.Row>>();
        summary.rows()
                .forEach(row -> series.computeIfAbsent(row.series(), name -> new ArrayList<>())
                        .add(row));
        return series;
    }

    private static XYChart chart(String title, String x, String y) {
        var chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setYAxisDecimalPattern("0.00");
        return chart;
    }

    private static double log2(double value) {
        return Math.log(Math.max(LEAST, value)) / LOG_2;
    }

    /*
     * XChart rounds the distance that goes with a hint in pixels up to 1, 2, 5 or 10, and gives up on labels that
     * repeat. Three quarters of a doubling become one, so that whole powers of 2 are named and nothing else is.
     */
    private static int spacing(double doublings) {
        double step = doublings > MANY_DOUBLINGS ? 1.5 : 0.75;
        return (int) Math.ceil(PLOT_WIDTH * step / Math.max(1, doublings));
    }

    static String label(double value) {
        var format = value < 0.1 ? "%.3f" : value < 1 ? "%.2f" : value < 10 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, format, value).replaceFirst("\\.0+$", "");
    }

    private static Path save(Path file, XYChart chart) throws IOException {
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
        saveVectors(Path.of(file + ".svg"), chart);
        return file;
    }

    private static void saveVectors(Path file, XYChart chart) throws IOException {
        try (var writer = Files.newBufferedWriter(file)) {
            var graphics = new SVGGraphics2D(DocumentBuilderFactory.newDefaultNSInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(SVGSyntax.SVG_NAMESPACE_URI, SVGSyntax.SVG_SVG_TAG, null));
            graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
            chart.paint(graphics, WIDTH, HEIGHT);
            graphics.stream(writer);
        } catch (ParserConfigurationException impossible) {
            throw new IllegalStateException("every JDK has a parser of XML", impossible);
        }
    }
}
