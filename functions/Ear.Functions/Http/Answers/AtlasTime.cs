namespace Ear.Functions.Http.Answers;

/// <summary>ISO-8601 in UTC with seconds, as Atlas writes times.</summary>
internal static class AtlasTime
{
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
