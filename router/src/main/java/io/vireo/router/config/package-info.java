/** What a router is started with: values that are consistent, or cannot be made. */
@NullMarked
package io.vireo.router.config;

import org.jspecify.annotations.NullMarked;
