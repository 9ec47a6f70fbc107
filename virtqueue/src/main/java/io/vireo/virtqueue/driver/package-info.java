/** The driver side of a virtqueue, as a guest's kernel has it: offers buffers and takes them back used. */
@NullMarked
package io.vireo.virtqueue.driver;

import org.jspecify.annotations.NullMarked;
