import { ActionIcon, Container, Group, Menu, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import {
  IconBellRinging,
  IconDatabase,
  IconLogout,
  IconMoon,
  IconPuzzle,
  IconRefresh,
  IconServer2,
  IconShieldExclamation,
  IconSun,
  IconUserCircle,
  IconWebhook,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { useMay, useServerStatus, useSignOut } from "../api/queries";
import type { Session } from "../api/types";
import { SevereCount } from "../findings/SevereCount";
import { LiveMark } from "./LiveMark";
import { Logo } from "./Logo";
import classes from "./Shell.module.css";

export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const path = useLocation().pathname;
  const status = useServerStatus();
  const inMachines = path === "/" || path.startsWith("/machines");
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className={classes.header}>
        <Container size="xl" className={classes.bar}>
          <Link to="/" className="plain-link" aria-label="vmext, to the machines">
            <Logo />
          </Link>
          <nav className={classes.nav} aria-label="Main">
            <Link to="/" className="nav-link" aria-current={inMachines ? "page" : undefined}>
              <IconServer2 size={17} aria-hidden="true" />
              Machines
            </Link>
            <Link
              to="/extensions"
              className="nav-link"
              aria-current={path.startsWith("/extensions") ? "page" : undefined}
            >
              <IconPuzzle size={17} aria-hidden="true" />
              Extensions
            </Link>
            <Link
              to="/findings"
              className="nav-link"
              aria-current={path.startsWith("/findings") || path.startsWith("/webhooks") ? "page" : undefined}
            >
              <IconShieldExclamation size={17} aria-hidden="true" />
              Findings
              <SevereCount />
            </Link>
            <Link to="/backups" className="nav-link" aria-current={path.startsWith("/backups") ? "page" : undefined}>
              <IconDatabase size={17} aria-hidden="true" />
              Backups
            </Link>
            <Link to="/updates" className="nav-link" aria-current={path.startsWith("/updates") ? "page" : undefined}>
              <IconRefresh size={17} aria-hidden="true" />
              Updates
            </Link>
            <Link to="/alerts" className="nav-link" aria-current={path.startsWith("/alerts") ? "page" : undefined}>
              <IconBellRinging size={17} aria-hidden="true" />
              Alerts
            </Link>
          </nav>
          <Group gap={6} wrap="nowrap" className={classes.tools}>
            <LiveMark />
            <SchemeSwitch />
            <Account session={session} />
          </Group>
        </Container>
      </header>
      <Container size="xl" component="main" id="content" py="lg" tabIndex={-1} style={{ outline: "none" }}>
        {children}
      </Container>
      <Container size="xl" component="footer" className={classes.footer}>
        {status.data && (
          <>
            <span>vmext {status.data.version}</span>
            <span>
              agents connect to <span className="mono">{status.data.gateway}</span>
            </span>
          </>
        )}
      </Container>
    </>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={dark ? "Use light colours" : "Use dark colours"}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function Account({ session }: { session: Session }) {
  const signOut = useSignOut();
  const mayWebhooks = useMay("access-write");
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Account">
          <IconUserCircle size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Signed in as {session.subject}</Menu.Label>
        {mayWebhooks && (
          <Menu.Item component={Link} to="/webhooks" leftSection={<IconWebhook size={16} />}>
            Webhooks
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
