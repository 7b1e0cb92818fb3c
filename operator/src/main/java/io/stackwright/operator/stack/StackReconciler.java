package io.stackwright.operator.stack;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.inputs.References;
import io.stackwright.operator.inputs.References.Kind;
import io.stackwright.operator.kube.SlimStore;
import io.stackwright.operator.kube.StatusWrites;
import io.stackwright.operator.kube.UnfitObjects;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.StackCensus;
import io.stackwright.operator.update.SlimUpdates;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects Stacks to the framework: what wakes one, how its status is written, when its finalizer goes. */
public final class StackReconciler implements Reconciler<Stack>, Cleaner<Stack>, StackDirectory {

    /** Keeps a Stack until its resources are dealt with. */
    public static final String FINALIZER = "stackwright.io/stack";

    private static final Logger LOG = LoggerFactory.getLogger(StackReconciler.class);

    private static final String BY_REFERENCE = "reference";
    private static final String BY_OUTPUTS = "outputs";
    private static final String BY_UID = "uid";
    private static final String BY_IDENTITY = "identity";

    private final StackProcess process;
    private final Identities identities;
    private final KubernetesClient metadataClient;
    private final SimpleInboundEventSource<Stack> wakes;
    private final Consumer<Update> strays;
    private final Consumer<Update> goneUpdates;
    private final GoneStacks goneStacks;
    private final FirstLooks firstLooks = new FirstLooks();
    private volatile IndexerResourceCache<Stack> stacks;
    private List<InformerEventSource<Update, Stack>> updates;
    private InformerEventSource<Secret, Stack> secrets;

    /**
     * Creates the reconciler.
     *
     * @param strays is told, on the informer's thread, of Updates whose Stack is not known
     * @param goneUpdates is told, on the informer's thread, of Updates that are deleted
     */
    StackReconciler(
            StackProcess process,
            Identities identities,
            KubernetesClient metadataClient,
            SimpleInboundEventSource<Stack> wakes,
            Consumer<Update> strays,
            Consumer<Update> goneUpdates,
            GoneStacks goneStacks) {
        this.process = process;
        this.identities = identities;
        this.metadataClient = metadataClient;
        this.wakes = wakes;
        this.strays = strays;
        this.goneUpdates = goneUpdates;
        this.goneStacks = goneStacks;
    }

    @Override
    public List<EventSource<?, Stack>> prepareEventSources(EventSourceContext<Stack> context) {
        stacks = context.getPrimaryCache();
        stacks.addIndexer(BY_REFERENCE, StackReconciler::referenceKeys);
        stacks.addIndexer(BY_OUTPUTS, StackReconciler::outputsKeys);
        stacks.addIndexer(BY_UID, stack -> List.of(stack.getMetadata().getUid()));
        stacks.addIndexer(BY_IDENTITY, this::identityKeys);
        updates = context.getControllerConfiguration().getInformerConfig().getNamespaces().stream()
                .map(namespace -> updates(namespace, context))
                .toList();
        List<EventSource<?, Stack>> all = new ArrayList<>(updates);
        secrets = references(Secret.class, Kind.SECRET, context);
        all.add(secrets);
        all.add(references(ConfigMap.class, Kind.CONFIG_MAP, context));
        all.add(wakes);
        return all;
    }

    /** One for each namespace, or for all: informers must not share what keeps their objects. */
    private InformerEventSource<Update, Stack> updates(String namespace, EventSourceContext<Stack> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Update.class, Stack.class)
                        .withName("updates-" + namespace)
                        .withSecondaryToPrimaryMapper(this::stackOf)
                        .withOnAddFilter(this::wakes)
                        .withOnUpdateFilter(StackReconciler::matters)
                        .withOnDeleteFilter(this::isGone)
                        .withNamespaces(Set.of(namespace))
                        .withItemStore(new SlimStore<>(SlimUpdates::kept))
                        .build(),
                context);
    }

    private <R extends HasMetadata> InformerEventSource<R, Stack> references(
            Class<R> type, Kind kind, EventSourceContext<Stack> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, Stack.class)
                        .withName(kind.name().toLowerCase())
                        .withSecondaryToPrimaryMapper((R object) -> referrers(kind, object))
                        .withPrimaryToSecondaryMapper((Stack stack) -> referenced(kind, stack))
                        .withKubernetesClient(metadataClient)
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
    }

    private Set<ResourceID> referrers(Kind kind, HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        String name = object.getMetadata().getName();
        Stream<Stack> concerned = stacks.byIndex(BY_REFERENCE, key(kind, namespace, name)).stream();
        if (kind == Kind.SECRET && !hasSecret(namespace, name)) {
            // Of the outputs only the loss matters: what is written there is our own.
            concerned = Stream.concat(concerned, published(namespace, name));
        }
        return concerned
                .filter(stack -> !firstLooks.isAhead(stack))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    private Stream<Stack> published(String namespace, String secret) {
        return stacks.byIndex(BY_OUTPUTS, key(Kind.SECRET, namespace, secret)).stream()
                .filter(stack -> stack.getMetadata().getDeletionTimestamp() == null);
    }

    private static Set<ResourceID> referenced(Kind kind, Stack stack) {
        return References.of(stack.getSpec()).stream()
                .filter(reference -> reference.kind() == kind)
                .map(reference ->
                        new ResourceID(reference.name(), stack.getMetadata().getNamespace()))
                .collect(Collectors.toSet());
    }

    private static List<String> referenceKeys(Stack stack) {
        return References.of(stack.getSpec()).stream()
                .map(reference -> key(reference.kind(), stack.getMetadata().getNamespace(), reference.name()))
                .toList();
    }

    private static List<String> outputsKeys(Stack stack) {
        return Optional.ofNullable(stack.getStatus()).map(StackStatus::outputsSecret).stream()
                .map(secret -> key(Kind.SECRET, stack.getMetadata().getNamespace(), secret))
                .toList();
    }

    private static String key(Kind kind, String namespace, String name) {
        return kind + "/" + namespace + "/" + name;
    }

    private List<String> identityKeys(Stack stack) {
        StackIdentity identity =
                stack.getStatus() == null ? null : stack.getStatus().stack();
        return identity == null
                ? List.of()
                : List.of(identities.key(stack.getMetadata().getNamespace(), identity));
    }

    private Set<ResourceID> stackOf(Update update) {
        Optional<ResourceID> stack = named(update);
        if (stack.isPresent() && stacks.get(stack.get()).isEmpty()) {
            // No Stack will ever be looked at for it: somebody else has to tell the person.
            strays.accept(update);
        }
        return stack.map(Set::of).orElseGet(Set::of);
    }

    private static Optional<ResourceID> named(Update update) {
        return Optional.ofNullable(update.getSpec())
                .map(UpdateSpec::stack)
                .map(name -> new ResourceID(name, update.getMetadata().getNamespace()));
    }

    /** All Updates come up once after a start, and so do all Stacks. */
    private boolean wakes(Update update) {
        return named(update).flatMap(stacks::get).filter(firstLooks::isAhead).isEmpty();
    }

    /** Every deletion is looked at; no Stack need be known for it. */
    private boolean isGone(Update update, boolean unseen) {
        goneUpdates.accept(update);
        return true;
    }

    /** A run's progress is for people to see; it decides nothing. */
    private static boolean matters(Update now, Update before) {
        return !Objects.equals(
                        now.getMetadata().getFinalizers(), before.getMetadata().getFinalizers())
                || !Objects.equals(
                        now.getMetadata().getAnnotations(), before.getMetadata().getAnnotations())
                || !Objects.equals(
                        now.getMetadata().getDeletionTimestamp(),
                        before.getMetadata().getDeletionTimestamp())
                || isEnded(now) != isEnded(before);
    }

    private static boolean isEnded(Update update) {
        UpdateStatus status = update.getStatus();
        return status != null && status.run() != null && status.run().result() != null;
    }

    @Override
    public UpdateControl<Stack> reconcile(Stack stack, Context<Stack> context) {
        StackProcess.Result result = look(new Latest(stack), context);
        UpdateControl<Stack> control = UpdateControl.noUpdate();
        result.due().ifPresent(control::rescheduleAfter);
        return control;
    }

    @Override
    public DeleteControl cleanup(Stack stack, Context<Stack> context) {
        Latest latest = new Latest(stack);
        StackProcess.Result result = look(latest, context);
        if (result.released()) {
            // Not left to the framework: it takes the object as it was before our status write, gets a conflict, and
            // then applies the difference to a stale original, which the API server refuses ten times over.
            letGo(latest.stack, context);
            firstLooks.keep(this::exists);
            return DeleteControl.noFinalizerRemoval();
        }
        DeleteControl control = DeleteControl.noFinalizerRemoval();
        result.due().ifPresent(control::rescheduleAfter);
        return control;
    }

    private static void letGo(Stack stack, Context<Stack> context) {
        try {
            PrimaryUpdateAndCacheUtils.removeFinalizer(context.getClient(), stack, FINALIZER);
        } catch (KubernetesClientException e) {
            // It went with the look before; the cache has not heard of that.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    /** A Stack, and what our own status write made of it. */
    private static final class Latest {
        private Stack stack;

        Latest(Stack stack) {
            this.stack = stack;
        }
    }

    private StackProcess.Result look(Latest latest, Context<Stack> context) {
        Stack stack = latest.stack;
        firstLooks.begin(stack);
        return process.look(
                stack, updatesOf(stack, context), this, status -> latest.stack = write(stack, status, context));
    }

    /** The Stack's Updates; the one that its status names is asked for when the cache has not seen it yet. */
    private Collection<Update> updatesOf(Stack stack, Context<Stack> context) {
        Collection<Update> known = new ArrayList<>(context.getSecondaryResources(Update.class));
        Optional<String> current =
                Optional.ofNullable(stack.getStatus()).map(StackStatus::current).map(StackStatus.CurrentStatus::update);
        boolean missing = current.isPresent()
                && known.stream()
                        .noneMatch(update -> update.getMetadata().getName().equals(current.get()));
        if (missing) {
            Update update = context.getClient()
                    .resources(Update.class)
                    .inNamespace(stack.getMetadata().getNamespace())
                    .withName(current.get())
                    .get();
            Optional.ofNullable(update).ifPresent(known::add);
        }
        return known;
    }

    private static Stack write(Stack stack, StackStatus status, Context<Stack> context) {
        Stack fresh = new Stack();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(stack.getMetadata().getName())
                .withNamespace(stack.getMetadata().getNamespace())
                .withUid(stack.getMetadata().getUid())
                .build());
        fresh.setStatus(status);
        try {
            Stack written = StatusWrites.apply(stack, fresh, context);
            if (!UnfitObjects.wasReplaced(written) || status.equals(written.getStatus())) {
                return written;
            }
            UnfitObjects.replaceStatus(context.getClient(), stack, Map.of());
            return StatusWrites.apply(stack, fresh, context);
        } catch (KubernetesClientException e) {
            if (!UnfitObjects.isRefusal(e)) {
                throw e;
            }
            return writeUnfit(stack, status, context);
        }
    }

    /** The API server refuses to apply to it, but such a Stack too has to say what is wrong, and must be able to go. */
    private static Stack writeUnfit(Stack stack, StackStatus status, Context<Stack> context) {
        try {
            return UnfitObjects.replaceStatus(context.getClient(), stack, status);
        } catch (KubernetesClientException e) {
            if (stack.getMetadata().getDeletionTimestamp() == null) {
                throw e;
            }
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("stack", stack.getMetadata().getName())
                    .log("the status of a Stack that does not fit its schema cannot be written");
            return stack;
        }
    }

    /** Drops what is kept of Stacks that went without being let go; once the caches are filled. */
    public void sweep() {
        firstLooks.keep(this::exists);
        goneStacks.sweep(
                stack -> stacks.get(resource(stack)).isPresent(), stack -> wakes.propagateEvent(resource(stack)));
    }

    private static ResourceID resource(StackKey stack) {
        return new ResourceID(stack.name(), stack.namespace());
    }

    /** How the Stacks are that are known; asks nobody. */
    public StackCensus census(Instant now) {
        return stacks == null ? StackCensus.NONE : Census.of(stacks.list(), now);
    }

    /** Updates of a Stack, as far as they are known; those that have ended without what only people read. */
    public List<Update> history(StackKey stack) {
        return updates.stream()
                .flatMap(source -> source.list(
                        stack.namespace(),
                        update -> stack.name().equals(update.getSpec().stack())))
                .toList();
    }

    @Override
    public boolean exists(String uid) {
        return !stacks.byIndex(BY_UID, uid).isEmpty();
    }

    @Override
    public boolean isPinnedByAnother(String identityKey, String uid) {
        return stacks.byIndex(BY_IDENTITY, identityKey).stream()
                .anyMatch(other -> !uid.equals(other.getMetadata().getUid()));
    }

    @Override
    public boolean hasSecret(String namespace, String name) {
        return secrets.get(new ResourceID(name, namespace)).isPresent();
    }
}
