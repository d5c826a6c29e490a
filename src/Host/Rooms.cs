using System.Reflection;

namespace Lyceum.Host;

/// <summary>The rooms of the house, bottom to top: the order in which their migrations apply.</summary>
public static class Rooms
{
    public static IReadOnlyList<Assembly> BottomToTop { get; } =
    [
        typeof(Platform.PlatformRoom).Assembly,
        typeof(Iam.IamRoom).Assembly,
        typeof(Metering.MeteringRoom).Assembly,
        typeof(Models.ModelsRoom).Assembly,
        typeof(Knowledge.KnowledgeRoom).Assembly,
        typeof(Connect.ConnectRoom).Assembly,
        typeof(Agents.AgentsRoom).Assembly,
        typeof(Chat.ChatRoom).Assembly,
    ];
}
