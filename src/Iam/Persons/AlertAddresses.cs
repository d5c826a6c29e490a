using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Alert channels that write to a person's address.</summary>
internal sealed class AlertAddresses : IPersonalData
{
    public IReadOnlyList<PersonalSection> Sections { get; } = [new("alertChannels", (user, after) => AlertChannelStore.Writing(AddressOf(user), after))];

    public async Task<Erased> Erase(Unit unit, Guid userId, CancellationToken ct) =>
        new(new Dictionary<string, long> { ["alertChannels"] = await AlertChannelStore.Forget(unit, AddressOf(userId), ct) }, []);

    private static Sql AddressOf(Guid user) => $"select u.email from iam.users u where u.id = {user}";
}
