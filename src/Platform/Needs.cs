using Microsoft.AspNetCore.Builder;

namespace Lyceum.Platform;

/// <summary>Endpoint metadata: the permission a caller needs. Iam enforces it; a test demands it of every endpoint.</summary>
public sealed record NeedsPermission(string Permission);

/// <summary>Endpoint metadata: open to everybody, with the reason. The only way around <see cref="NeedsPermission"/>.</summary>
public sealed record OpenToAll(string Reason);

/// <summary>Endpoint metadata: any signed-in caller may, since it only concerns themselves.</summary>
public sealed record NeedsSignIn;

public static class EndpointNeeds
{
    public static T Needs<T>(this T endpoint, string permission)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new NeedsPermission(permission));

    public static T NeedsOnlySignIn<T>(this T endpoint)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new NeedsSignIn());

    public static T IsOpen<T>(this T endpoint, string reason)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new OpenToAll(reason));
}
