namespace Ear.Local.ServiceBus;

/// <summary>Names of what holds messages, as Service Bus writes them.</summary>
internal static class EntityPaths
{
    private const string DeadLetterSuffix = "/$DeadLetterQueue";

    public static string Subscription(string topic, string subscription) => $"{topic}/Subscriptions/{subscription}";

    public static string DeadLettersOf(string path) => path + DeadLetterSuffix;

    public static bool IsDeadLetters(string path) => path.EndsWith(DeadLetterSuffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The queue or subscription whose dead letters these are; the path itself when they are not.</summary>
    public static string SourceOf(string path) => IsDeadLetters(path) ? path[..^DeadLetterSuffix.Length] : path;
}
