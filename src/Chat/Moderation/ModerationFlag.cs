namespace Lyceum.Chat;

/// <summary>
/// One thing the guard found in a question it did not let through. Category is a code of <see cref="Models.GuardRules.Categories"/>, null where the guard named
/// none; Text is the beginning of the question (at most 300 characters) where it stands in a conversation that is still there.
/// </summary>
public sealed record ModerationFlag(
    Guid Id, string? Category, string CategoryName, string Action, Guid? UserId, string GuardModel, string Verdict, string? Text, DateTimeOffset CreatedAt);

/// <summary>How often a category was found.</summary>
public sealed record ModerationCount(string? Category, string CategoryName, int Count);
