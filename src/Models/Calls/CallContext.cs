namespace Lyceum.Models;

/// <summary>
/// For whom a model is called. <paramref name="Source"/> is one of api, ui, mcp, automation, workflow, connector, system.
/// <paramref name="DedupKey"/> names the call: the same call told twice is charged once, so it carries the message or step and the attempt.
/// </summary>
public sealed record CallContext(
    string Source, string DedupKey, Guid? UserId = null, Guid? ApiKeyId = null, Guid? AgentId = null, Guid? TeamId = null, Guid? MessageId = null);

/// <summary>Vectors in the order of their texts, and what they cost.</summary>
public sealed record Embedded(float[][] Vectors, long Tokens);
