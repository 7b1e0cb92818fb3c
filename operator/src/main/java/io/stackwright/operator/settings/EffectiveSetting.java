package io.stackwright.operator.settings;

/**
 * One setting as this process uses it.
 *
 * @param name flag without dashes, for example {@code data-dir}
 * @param value for people; credentials masked
 * @param origin {@code flag}, {@code environment} or {@code default}
 */
public record EffectiveSetting(String name, String value, String origin) {}
