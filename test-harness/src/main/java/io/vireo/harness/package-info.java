@org.jspecify.annotations.NullMarked
package io.vireo.harness;
