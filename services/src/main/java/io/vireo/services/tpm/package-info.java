/**
 * The host's TPM 2.0, as far as guests are told of it: the public part of its endorsement key.
 *
 * <pre>
 *   guests' threads            the thread "tpm"
 *   TpmService.endorsementKey ---> connects, TPM2_ReadPublic, disconnects   ---> swtpm's socket or /dev/tpmrm0
 *      (any number at a time)      one answer for all who were waiting
 * </pre>
 *
 * <p>Nothing is kept open between two questions: so a TPM that restarts is found again, and one that serves a single
 * connection, as swtpm, is there for others too. A flood of questions costs at most one command after the other.
 */
@NullMarked
package io.vireo.services.tpm;

import org.jspecify.annotations.NullMarked;
