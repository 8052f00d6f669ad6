namespace Ear.Functions.Tests.Fuzz;

/// <summary>Texts that programs stumble over.</summary>
internal static class Words
{
    /// <summary>Stands in every secret that is sent, and so must stand in no answer.</summary>
    public const string Secret = "S3cr3tOfTheFuzz";

    public static readonly string[] Texts =
    [
        "", " ", "a", "0", "-1", "null", "true", "[]", "{}", "M10", "10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", "::1/128", "256.1.1.1/99", "2026-02-30", "2026-03-02T00:00:00Z",
        "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "aaaaaaaaaaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAAAAAAAAAA", "owner@example.com", "arn:aws:iam::123456789012:role/ear-kms",
        "https://keys.vault.azure.net/keys/a/b", "../../etc/passwd", "' OR 1=1 --", "<script>", "%s%n", "\u0000", "a\u0000b", "\u202Eright to left", "שלום", "é\u0301", "😀", "İı", "\r\nX-Injected: 1", "\t", "\uFFFE",
    ];

    public static readonly string[] Numbers =
        ["0", "-0", "-0.0", "1", "-1", "0.5", "1e400", "-1e400", "1e-400", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e2", "1.0", "123456789012345678901234567890"];

    /// <summary>In a JSON text, quotes included.</summary>
    public static readonly string[] OddStrings = ["\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\u202e\""];

    /// <summary>In a path, encoded as they are.</summary>
    public static readonly string[] Segments =
    [
        "%20", "a%2Fb", "%2F", "..%2F..", "%2e%2e", "%C3%A9", "%F0%9F%98%80", "%FF", "%ED%A0%80", "%E2%80%AE", "%", "%zz", "%25", "+", "a;b=c", "~", "-", "_", "*", "'", "%22", "%3Cscript%3E", "%0d%0aX:1", "null", "0", "-1",
        "aaaaaaaaaaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaa", "zzzzzzzzzzzzzzzzzzzzzzzz", "10.0.0.0%2F8", "10.0.0.1", "AWS", "AZURE", "GCP", "aws",
    ];
}
