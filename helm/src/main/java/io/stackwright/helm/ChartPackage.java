package io.stackwright.helm;

import com.marcnuri.helm.Helm;
import java.nio.file.Path;

/** Packages the chart, as {@code helm package} does: {@code ChartPackage CHART FOLDER}. */
public final class ChartPackage {

    private ChartPackage() {}

    public static void main(String[] arguments) {
        new Helm(Path.of(arguments[0]))
                .packageIt()
                .withDestination(Path.of(arguments[1]))
                .call();
    }
}
