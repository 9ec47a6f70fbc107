/**
 * What a host lacks for a configuration, and the command that cures it.
 *
 * <p>{@link io.vireo.appliance.check.HostCheck} goes through all subjects, one class each, which read the {@link
 * io.vireo.appliance.check.Machine} and return {@link io.vireo.appliance.check.Finding}s. Nothing is changed and no device is
 * opened, as opening some loads their modules. Firewalls are understood as far as that is safe: {@link
 * io.vireo.appliance.check.NatRules} says yes only where every condition of a rule is known to hold, and maybe where it cannot
 * tell.
 */
@org.jspecify.annotations.NullMarked
package io.vireo.appliance.check;
