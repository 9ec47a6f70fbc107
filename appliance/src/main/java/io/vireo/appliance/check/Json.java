package io.vireo.appliance.check;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A value of a JSON text, which YAML 1.2 reads. What is not there, or of another kind, is a value without anything in it. */
record Json(@Nullable Object value) {
    private static final int MAX_CHARACTERS = 1 << 24;

    /** Empty where it is not JSON. */
    static Optional<Json> parse(String text) {
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(MAX_CHARACTERS).build();
        try {
            return Optional.of(new Json(new Load(settings).loadFromString(text)));
        } catch (YamlEngineException e) {
            return Optional.empty();
        }
    }

    boolean has(String key) {
        return value instanceof Map<?, ?> map && map.containsKey(key);
    }

    Json get(String key) {
        return new Json(value instanceof Map<?, ?> map ? map.get(key) : null);
    }

    List<Json> items() {
        return value instanceof List<?> list ? list.stream().map(Json::new).toList() : List.of();
    }

    /** Of a list or a mapping, without its keys. */
    Stream<Json> children() {
        return value instanceof Map<?, ?> map ? map.values().stream().map(Json::new) : items().stream();
    }

    /** Text or a number as text; nothing for anything else. */
    String text() {
        return value instanceof String || value instanceof Number ? String.valueOf(value) : "";
    }
}
