using Microsoft.AspNetCore.Builder;

namespace Lyceum.Platform;

/// <summary>Endpoint metadata: the permission a caller needs. Iam enforces it; a test demands it of every endpoint.</summary>
public sealed record NeedsPermission(string Permission);

/// <summary>Endpoint metadata: open to everybody, with the reason. The only way around <see cref="NeedsPermission"/>.</summary>
public sealed record OpenToAll(string Reason);

/// <summary>Endpoint metadata: any signed-in caller may, since it only concerns themselves.</summary>
public sealed record NeedsSignIn;

/// <summary>
/// Endpoint metadata: kinds of limited API keys that may call it. Keys of kind api and service need no such word; those of other kinds open
/// nothing without it.
/// </summary>
public sealed record OpensToKeys(IReadOnlyList<string> Kinds);

/// <summary>Endpoint metadata: only administrators of the installation may, in their own name and with a session.</summary>
public sealed record NeedsInstallation;

/// <summary>Endpoint metadata: the answer holds a secret that is shown only once, so that it is kept nowhere, not even for a repetition.</summary>
public sealed record SecretAnswer;

public static class EndpointNeeds
{
    public static T Needs<T>(this T endpoint, string permission)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new NeedsPermission(permission));

    /// <summary>Lets API keys of these limited kinds in too: chat, mcp, ingest.</summary>
    public static T ForKeys<T>(this T endpoint, params string[] kinds)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new OpensToKeys(kinds));

    public static T NeedsInstallation<T>(this T endpoint)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new NeedsSignIn(), new NeedsInstallation());

    public static T AnswersSecret<T>(this T endpoint)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new SecretAnswer());

    public static T NeedsOnlySignIn<T>(this T endpoint)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new NeedsSignIn());

    public static T IsOpen<T>(this T endpoint, string reason)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new OpenToAll(reason));
}
