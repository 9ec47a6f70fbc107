package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.dhcpv6.Dhcpv6Option.ClientIdentifier;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.IdentityAssociation;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Lease;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Other;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.ServerIdentifier;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.StatusCode;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The answer to one request as it is put together: its options, and which resources are part of it. */
final class Dhcpv6Reply {
    /** The client need not wait for other servers: there are none on its link (RFC 8415 section 18.2.1). */
    private static final byte[] HIGHEST_PREFERENCE = {(byte) 0xFF};

    private final Dhcpv6Message request;
    private final Dhcpv6Binding binding;
    private final List<Dhcpv6Option> options = new ArrayList<>();
    private final Set<Dhcpv6Resource> resources = EnumSet.noneOf(Dhcpv6Resource.class);

    Dhcpv6Reply(Dhcpv6Message request, Dhcpv6Binding binding) {
        this.request = request;
        this.binding = binding;
        request.client().ifPresent(client -> options.add(new ClientIdentifier(client)));
        options.add(new ServerIdentifier(Duid.SERVER));
    }

    Dhcpv6Message message(int type) {
        return new Dhcpv6Message(type, request.transactionId(), options);
    }

    /** What the associations in the reply hold for the guest, or those in the request gave back. */
    Set<Dhcpv6Resource> resources() {
        return Set.copyOf(resources);
    }

    void addStatus(Dhcpv6Status status) {
        options.add(new StatusCode(status));
    }

    void addPreference() {
        options.add(new Other(Dhcpv6OptionCode.PREFERENCE, HIGHEST_PREFERENCE));
    }

    void addRapidCommit() {
        options.add(new Other(Dhcpv6OptionCode.RAPID_COMMIT, new byte[0]));
    }

    void addConfiguration() {
        options.addAll(Configuration.answer(request, binding));
    }

    /**
     * Answers each association with what there is for it: the guest's resource, or the status that there is none.
     *
     * @param revoke whether to tell a client of anything else it names that this is not its own any more (sections 18.3.4
     *     and 18.3.5); where it only asks, what it names is a hint
     */
    void assign(boolean revoke) {
        for (AssociationType type : AssociationType.values()) {
            Optional<Ipv6Prefix> resource = binding.resource(type);
            List<IdentityAssociation> associations = associations(association -> association.type() == type);
            Optional<IdentityAssociation> receiver =
                    resource.isEmpty() ? Optional.empty() : receiver(associations, resource.get());
            for (IdentityAssociation association : associations) {
                boolean receives = receiver.filter(association::equals).isPresent(); // IAIDs differ
                options.add(assigned(association, receives ? resource : Optional.empty(), revoke));
            }
            receiver.ifPresent(_ -> resources.add(resourceOf(type)));
        }
    }

    /** The one that has the resource already, otherwise the first. */
    private static Optional<IdentityAssociation> receiver(List<IdentityAssociation> associations, Ipv6Prefix resource) {
        return associations.stream()
                .filter(association -> names(association, resource))
                .findFirst()
                .or(() -> associations.stream().findFirst());
    }

    private IdentityAssociation assigned(
            IdentityAssociation association, Optional<Ipv6Prefix> resource, boolean revoke) {
        AssociationType type = association.type();
        List<Dhcpv6Option> inner = new ArrayList<>();
        resource.ifPresent(
                own -> inner.add(new Lease(type.leaseCode(), own, binding.preferredSeconds(), binding.validSeconds())));
        if (revoke) {
            association
                    .resources()
                    .filter(named -> resource.isEmpty() || !named.equals(resource.get()))
                    .forEach(named -> inner.add(Lease.revoked(type, named)));
        }
        if (resource.isEmpty()) {
            inner.add(new StatusCode(type.noneAvailable()));
            return new IdentityAssociation(type, association.iaid(), 0, 0, inner);
        }
        return new IdentityAssociation(
                type, association.iaid(), binding.renewalSeconds(), binding.rebindingSeconds(), inner);
    }

    /**
     * Takes back what associations of these types name of the guest's; the others of them are told that they have nothing,
     * and nothing else (sections 18.3.7 and 18.3.8).
     */
    void takeBack(Set<AssociationType> types) {
        addStatus(Dhcpv6Status.SUCCESS);
        for (IdentityAssociation association : associations(association -> types.contains(association.type()))) {
            Optional<Ipv6Prefix> resource = binding.resource(association.type());
            if (resource.isPresent() && names(association, resource.get())) {
                resources.add(resourceOf(association.type()));
            } else {
                List<Dhcpv6Option> none = List.of(new StatusCode(Dhcpv6Status.NO_BINDING));
                options.add(new IdentityAssociation(association.type(), association.iaid(), 0, 0, none));
            }
        }
    }

    private List<IdentityAssociation> associations(Predicate<IdentityAssociation> which) {
        return request.associations().stream().filter(which).toList();
    }

    private static boolean names(IdentityAssociation association, Ipv6Prefix resource) {
        return association.resources().anyMatch(resource::equals);
    }

    private static Dhcpv6Resource resourceOf(AssociationType type) {
        return type == AssociationType.IA_PD ? Dhcpv6Resource.PREFIX : Dhcpv6Resource.ADDRESS;
    }
}
