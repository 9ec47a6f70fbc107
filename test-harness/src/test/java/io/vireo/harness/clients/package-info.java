/** Real programs of the host, in guests made of its kernel, against a real router. */
@NullMarked
package io.vireo.harness.clients;

import org.jspecify.annotations.NullMarked;
