/** Longest prefix matches in tables as large as the Internet's, beside what is simplest. */
@NullMarked
package io.vireo.benchmarks.routes;

import org.jspecify.annotations.NullMarked;
