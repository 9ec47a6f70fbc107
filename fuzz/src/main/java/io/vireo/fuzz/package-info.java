/**
 * Everything that reads what others wrote, fed by Jazzer, which mutates what has reached new code before.
 *
 * <pre>
 *   FuzzCommand ── one at a time, or a few ──► TargetRun: a JVM of its own with Jazzer in it
 *                                                 JazzerEntry ──► a FuzzTarget of Targets, again and again
 *   CorpusTest ── each input once, without Jazzer ──────────────────►  the same
 * </pre>
 *
 * <p>A target is in the package of what it attacks, as a test is. It claims more than that nothing is thrown: what was read
 * is written again the same, two ways to the same end agree, each chain is completed once.
 *
 * <p>Invariants: a target does the same for the same input, whatever came before it; no target reads a clock, a random number
 * or a file that is not its own. A corpus is a text file, one input a line in hexadecimal, so that it can be read and
 * compared; what a target can build itself are its {@link io.vireo.fuzz.FuzzTarget#seeds}.
 */
@NullMarked
package io.vireo.fuzz;

import org.jspecify.annotations.NullMarked;
