package io.vireo.router.reactor;

/** Is told when a guest's driver begins to receive, and when it is gone. Called by the guest's session thread. */
public interface GuestPresence {
    /** For ports whose guests nobody waits for. */
    GuestPresence UNNOTICED = new GuestPresence() {
        @Override
        public void attached() {}

        @Override
        public void detached() {}
    };

    void attached();

    void detached();
}
