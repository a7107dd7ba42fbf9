import { Center, Container, Loader } from "@mantine/core";
import { Route, Routes } from "react-router";
import { AlertsPage } from "./alerts/AlertsPage";
import { useSession } from "./api/queries";
import { BackupsPage } from "./backups/BackupsPage";
import { RepositoryPage } from "./backups/RepositoryPage";
import { ExtensionPage } from "./extensions/ExtensionPage";
import { ExtensionsPage } from "./extensions/ExtensionsPage";
import { FindingPage } from "./findings/FindingPage";
import { FindingsPage } from "./findings/FindingsPage";
import { LiveFeed } from "./live/LiveFeed";
import { MachinePage } from "./machines/MachinePage";
import { MachinesPage } from "./machines/MachinesPage";
import { SignedOutPage } from "./session/SignedOutPage";
import { SignInPage } from "./session/SignInPage";
import { NotFoundPage } from "./shell/NotFoundPage";
import { Shell } from "./shell/Shell";
import { ProblemNote } from "./show/ProblemNote";
import { UpdatesPage } from "./updates/UpdatesPage";
import { WebhooksPage } from "./webhooks/WebhooksPage";

export function App() {
  return (
    <Routes>
      <Route path="/sign-in" element={<SignInPage />} />
      <Route path="*" element={<SignedIn />} />
    </Routes>
  );
}

function SignedIn() {
  const session = useSession();
  if (session.isPending) {
    return (
      <Center mih="60vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (session.isError) {
    return (
      <Container size="sm" py="xl">
        <ProblemNote error={session.error} onRetry={() => void session.refetch()} />
      </Container>
    );
  }
  if (session.data === null) {
    return <SignedOutPage />;
  }
  return (
    <LiveFeed>
      <Shell session={session.data}>
        <Routes>
          <Route path="/" element={<MachinesPage />} />
          <Route path="/machines/:machine" element={<MachinePage />} />
          <Route path="/extensions" element={<ExtensionsPage />} />
          <Route path="/extensions/:extension" element={<ExtensionPage />} />
          <Route path="/findings" element={<FindingsPage />} />
          <Route path="/findings/:finding" element={<FindingPage />} />
          <Route path="/backups" element={<BackupsPage />} />
          <Route path="/backups/:machine/:installation" element={<RepositoryPage />} />
          <Route path="/updates" element={<UpdatesPage />} />
          <Route path="/alerts" element={<AlertsPage />} />
          <Route path="/webhooks" element={<WebhooksPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </Shell>
    </LiveFeed>
  );
}
