using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>What kinds of keys there are and what each must and must not be bound to. Pure.</summary>
internal static class KeyRules
{
    /// <summary>Why these bindings do not fit the kind; null when they do.</summary>
    public static Problem? Bindings(string kind, Guid? agent, Guid? collection) => (kind, agent, collection) switch
    {
        ("chat", null, _) => Problem.Invalid("binding_needed", "A key for chat is bound to one agent. Name it as agentId."),
        ("ingest", _, null) => Problem.Invalid("binding_needed", "A key for ingest is bound to one collection. Name it as collectionId."),
        ("chat", _, not null) => Problem.Invalid("binding_not_possible", "A key for chat cannot be bound to a collection: its agent decides what it reads."),
        ("ingest", not null, _) => Problem.Invalid("binding_not_possible", "A key for ingest cannot be bound to an agent."),
        (_, not null, not null) => Problem.Invalid("binding_not_possible", "A key is bound to an agent or to a collection, not to both."),
        _ => null,
    };

    /// <summary>Whether a key may call an endpoint of the kinds named there; null for an endpoint that names none.</summary>
    public static bool Opens(string kind, bool boundToAgent, IReadOnlyList<string>? kinds) =>
        // A key that runs one agent opens what chat keys open, whatever it is called.
        (boundToAgent ? "chat" : kind) is "api" or "service" || kinds?.Contains(boundToAgent ? "chat" : kind) is true;

    public static Problem KindRefused(string kind, bool boundToAgent) => new(403, "key_kind_refused", (boundToAgent ? "chat" : kind) switch
    {
        "chat" => "This API key opens /v1 and chat with its own agent, and nothing else.",
        "ingest" => "This API key adds documents to its own collection, and does nothing else.",
        _ => $"API keys of kind '{kind}' do not open this.",
    });

    public static Problem TooManyRequests(int limit, int seconds) => new(
        429, "key_rate_limited", limit == 0 ? "This API key may make no requests." : $"This API key may make {limit} requests a minute. Try again in {seconds} seconds.") { RetryAfter = seconds };
}
