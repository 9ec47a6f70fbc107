/**
 * The product: the command line and the appliance's life, from its configuration to a clean end.
 *
 * <p>{@link io.vireo.appliance.Main} is the process; a command is a class. Further commands are found as {@link
 * io.vireo.appliance.Subcommand}s.
 */
@NullMarked
package io.vireo.appliance;

import org.jspecify.annotations.NullMarked;
