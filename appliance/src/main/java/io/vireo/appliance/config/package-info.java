/**
 * The configuration: from a YAML file to a {@link io.vireo.appliance.config.ApplianceConfig} that can be started.
 *
 * <p>The file is input like any other: its size, depth and encoding are bounded before it is looked at, anchors and
 * aliases are refused, and text from it is made printable before it is shown. {@link io.vireo.appliance.config.YamlFile}
 * yields nodes, {@link io.vireo.appliance.config.Section} typed values that know their line and key path,
 * {@link io.vireo.appliance.config.ConfigFile} the whole, with {@link io.vireo.appliance.config.NetworkReader} and {@link
 * io.vireo.appliance.config.GuestReader}; what depends on several of them, {@link io.vireo.appliance.config.RoutingChecks}
 * asks at the end. Whatever the router or one of its protocols would refuse is refused here. Every
 * problem is collected, none ends the reading before the rest has been checked; the result exists only when there is no
 * problem. Reading changes nothing on the host: {@link io.vireo.appliance.Appliance} makes the directories, the router the
 * sockets.
 *
 * <p>Deliberately not done: includes, environment substitution, a file in several parts, reloading.
 */
@org.jspecify.annotations.NullMarked
package io.vireo.appliance.config;
